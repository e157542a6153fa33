"""The services; their time zones are those of the pinned `tzdata`, whatever the host has."""

import zoneinfo

# Here, where every process begins: the host's data would come first, and differ between hosts.
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()

"""The UID of a booking's entry: the same in mails, downloads and connected calendars, for life."""

import re

_OWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@bookwith")


def is_own_uid(uid: str) -> bool:
    """Tell whether the entry of the UID is a booking's."""
    return _OWN.fullmatch(uid) is not None

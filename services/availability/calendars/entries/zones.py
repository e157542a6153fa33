"""The zone of a time in a calendar: by IANA's names, Windows' names, or its own definitions."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from services.availability.calendars.entries.lines import Component

# Outlook names zones after Windows; CLDR says which of IANA's each is.
_NAMES = {name.casefold(): name for name in available_timezones()}
_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
_LONGEST_NAME = 200


def iana_zone(name: str) -> ZoneInfo | None:
    """Return the zone of the name, which may stand at the end of a longer one."""
    wanted = name.strip().strip('"').casefold()[:_LONGEST_NAME]
    if wanted in _WINDOWS:
        return ZoneInfo(_WINDOWS[wanted])
    parts = wanted.split("/")
    for begin in range(len(parts)):  # /citadel.org/20260101_1/Europe/Oslo
        if found := _NAMES.get("/".join(parts[begin:])):
            return ZoneInfo(found)
    return None


class Zones:
    """The zones of one calendar; remembers which of its names nobody knows."""

    def __init__(
        self, definitions: Sequence[Component], *, local: ZoneInfo, fallback: ZoneInfo
    ) -> None:
        """Times that name no zone are `local`; of a zone that nobody knows, in the `fallback`."""
        self._definitions: Mapping[str, Component] = {
            each.first("TZID").value: each  # type: ignore[union-attr] # it has one
            for each in definitions
            if each.has("TZID")
        }
        self.local = local
        self.fallback = fallback
        self._found: dict[str, tzinfo] = {}
        self.unknown: list[str] = []

    def zone(self, name: str | None) -> tzinfo:
        """Return the zone of the name."""
        if name is None:
            return self.local
        if name not in self._found:
            self._found[name] = self._look_up(name)
        return self._found[name]

    def is_own(self, name: str) -> bool:
        """Tell whether the calendar defines the zone and nobody else knows it."""
        return iana_zone(name) is None and name in self._definitions

    def own_definitions(self, components: Sequence[Component]) -> list[Component]:
        """Return the definitions that the components need."""
        text = "\n".join(
            line for each in components for line in each.lines if "TZID" in line.upper()
        )
        return [
            definition
            for name, definition in self._definitions.items()
            if name in text and self.is_own(name)
        ]

    def _look_up(self, name: str) -> tzinfo:
        # A zone that IANA knows changes as IANA says by now, whatever the definition says.
        known = iana_zone(name)
        if known is not None:
            return known
        if defined := self._definitions.get(name):
            try:
                read = cast("Timezone", Timezone.from_ical(defined.text()))
                zone: tzinfo = read.to_tz(lookup_tzid=False)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                pass
            else:
                return zone
        self.unknown.append(name[:_LONGEST_NAME])
        return self.fallback

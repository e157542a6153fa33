"""Times in words: a slot as its reader's clock, calendar and language show it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.notifier.domain.letters import Slot
from services.notifier.rendering.wording import Language, has_twelve_hours, language_of


def zone_named(name: str) -> ZoneInfo:
    """Return the zone, or UTC for a name that is not known here: the text says which it is."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Clock:
    """How one reader is told times."""

    language: Language
    zone: ZoneInfo
    twelve_hours: bool

    def slot(self, slot: Slot) -> str:
        """Return the slot whole: date, times, zone, distance from UTC."""
        start, end = slot.start.astimezone(self.zone), slot.end.astimezone(self.zone)
        key = "time.one_day" if start.date() == end.date() else "time.two_days"
        facts = {
            "date": self._date(start),
            "start": self._time(start),
            "end_date": self._date(end),
            "end": self._time(end),
        }
        offsets = list(dict.fromkeys((_offset(start), _offset(end))))
        return f"{self.language.say(key, facts)} ({self.zone.key}, {' → '.join(offsets)})"

    def moment(self, instant: datetime) -> str:
        """Return date and time, short enough for a subject."""
        local = instant.astimezone(self.zone)
        facts = {"date": self._date(local), "clock": self._time(local)}
        return self.language.say("time.moment", facts)

    def _date(self, local: datetime) -> str:
        facts = {
            "weekday": self.language.weekdays[local.weekday()],
            "day": str(local.day),
            "month": self.language.months[local.month - 1],
            "year": str(local.year),
        }
        return self.language.say("time.date", facts)

    def _time(self, local: datetime) -> str:
        facts = {
            "hour": f"{local.hour:02}",
            "hour_12": str(local.hour % 12 or 12),
            "minute": f"{local.minute:02}",
            "half": self.language.phrases["time.am" if local.hour < 12 else "time.pm"],
        }
        return self.language.say("time.clock_12" if self.twelve_hours else "time.clock", facts)


def clock_of(locale: str, time_zone: str) -> Clock:
    """Return the clock of a reader with this locale in this zone."""
    language = language_of(locale)
    return Clock(language, zone_named(time_zone), has_twelve_hours(language, locale))


def _offset(local: datetime) -> str:
    digits = local.strftime("%z")
    return f"UTC{digits[:3]}:{digits[3:5]}"

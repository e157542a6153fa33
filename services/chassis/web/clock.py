"""Times in words: instants as their reader's clock, zone and language show them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.chassis.web.readers import Reader


@dataclass(frozen=True, slots=True)
class Clock:
    """How times are written for one reader."""

    reader: Reader
    zone: ZoneInfo

    def time(self, instant: datetime) -> str:
        """Return the time of day."""
        local = instant.astimezone(self.zone)
        return self._say(
            "time.clock_12" if self.reader.twelve_hours else "time.clock",
            hour=f"{local.hour:02}",
            hour_12=str(local.hour % 12 or 12),
            minute=f"{local.minute:02}",
            half=self._say("time.am" if local.hour < 12 else "time.pm"),
        )

    def date_at(self, instant: datetime) -> str:
        """Return the date on which the instant falls here."""
        return self.day(instant.astimezone(self.zone).date())

    def day(self, day: date) -> str:
        """Return the date in words."""
        return self._say(
            "time.date",
            weekday=self.reader.language.weekdays[day.weekday()],
            day=str(day.day),
            month=self.reader.language.months[day.month - 1],
            year=str(day.year),
        )

    def month(self, first: date) -> str:
        """Return the month in words."""
        month = self.reader.language.months[first.month - 1]
        return self._say("time.month", month=month, year=str(first.year))

    def moment(self, instant: datetime) -> str:
        """Return date and time."""
        return self._say("time.moment", date=self.date_at(instant), time=self.time(instant))

    def span(self, start: datetime, end: datetime) -> str:
        """Return the times of a period, with the end's date if it is another one."""
        same = start.astimezone(self.zone).date() == end.astimezone(self.zone).date()
        return self._say(
            "time.one_day" if same else "time.two_days",
            start=self.time(start),
            end=self.time(end),
            end_date=self.date_at(end),
        )

    def when(self, start: datetime, end: datetime) -> str:
        """Return the date and the times of a period."""
        return self._say("time.when", date=self.date_at(start), times=self.span(start, end))

    def when_with_zone(self, start: datetime, end: datetime) -> str:
        """Return date, times, the zone's IANA name and its distance from UTC, at both ends."""
        offsets = dict.fromkeys((self.offset(start), self.offset(end)))
        return f"{self.when(start, end)} ({self.zone.key}, {' → '.join(offsets)})"

    def offset(self, instant: datetime) -> str:
        """Return the zone's distance from UTC at the instant."""
        digits = instant.astimezone(self.zone).strftime("%z")
        return f"UTC{digits[:3]}:{digits[3:5]}"

    def zone_at(self, instant: datetime) -> str:
        """Return the zone by its place, with its distance from UTC at the instant."""
        if self.zone.key == "UTC":
            return self.zone.key
        return f"{self.zone.key.replace('_', ' ')} ({self.offset(instant)})"

    def duration(self, length: timedelta) -> str:
        """Return how long something takes."""
        hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
        if not hours:
            return self._say("duration.minutes", minutes=str(minutes))
        key = "duration.both" if minutes else "duration.hours"
        return self._say(key, hours=str(hours), minutes=str(minutes))

    def _say(self, key: str, **facts: str) -> str:
        return self.reader.language.say(key, **facts)

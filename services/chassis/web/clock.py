"""Times in words: instants as their reader's clock, zone and language show them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.chassis.web.readers import Reader
from services.chassis.web.time_formats import EN_DASH, NO_BREAK
from services.chassis.web.zone_names import shown_name, todays_name
from services.chassis.web.zones import zone_of


@dataclass(frozen=True, slots=True)
class Clock:
    """How times are written for one reader."""

    reader: Reader
    zone: ZoneInfo

    def time(self, instant: datetime) -> str:
        """Return the time of day."""
        return self.reader.formats.time(self._local(instant).time())

    def date_at(self, instant: datetime) -> str:
        """Return the date on which the instant falls here."""
        return self.day(self._local(instant).date())

    def day(self, day: date) -> str:
        """Return the date in words."""
        return self.reader.formats.day(day)

    def day_near(self, day: date, today: date) -> str:
        """Return the date in words; without the year if it is today's."""
        formats = self.reader.formats
        return formats.day_of_year(day) if day.year == today.year else formats.day(day)

    def month(self, first: date) -> str:
        """Return the month in words."""
        return self.reader.formats.month(first)

    def month_near(self, first: date, today: date) -> str:
        """Return the month in words; without the year if it is today's."""
        formats = self.reader.formats
        return formats.month_of_year(first) if first.year == today.year else formats.month(first)

    def days(self, first: date, last: date) -> str:
        """Return a period of days in words."""
        formats = self.reader.formats
        return f"{formats.short_day(first)}{NO_BREAK}{EN_DASH} {formats.short_day(last)}"

    def moment(self, instant: datetime) -> str:
        """Return date and time."""
        return self._say("time.at", date=self.date_at(instant), time=self.time(instant))

    def when(self, start: datetime, end: datetime) -> str:
        """Return the date and the times of a period, with the end's date if it is another one."""
        begins, ends = self._local(start), self._local(end)
        if begins.date() != ends.date():
            return f"{self.moment(start)} {EN_DASH} {self.moment(end)}"
        span = self.reader.formats.span(begins.time(), ends.time())
        return self._say("time.at", date=self.day(begins.date()), time=span)

    def span(self, start: datetime, end: datetime) -> str:
        """Return the times of a period, with the end's date if it is another one."""
        begins, ends = self._local(start), self._local(end)
        if begins.date() != ends.date():
            return f"{self.time(start)} {EN_DASH} {self.moment(end)}"
        return self.reader.formats.span(begins.time(), ends.time())

    def when_with_zone(self, start: datetime, end: datetime) -> str:
        """Return date, times, the zone's name and its distance from UTC, at both ends."""
        offsets = dict.fromkeys((self.offset(start), self.offset(end)))
        return f"{self.when(start, end)} ({shown_name(self.zone.key)}, {' → '.join(offsets)})"

    def offset(self, instant: datetime) -> str:
        """Return the zone's distance from UTC at the instant."""
        digits = self._local(instant).strftime("%z")
        return f"UTC{digits[:3]}:{digits[3:5]}"

    def zone_at(self, instant: datetime) -> str:
        """Return the zone by its name, with its distance from UTC at the instant."""
        name = shown_name(self.zone.key)
        return name if name == "UTC" else f"{name} ({self.offset(instant)})"

    def duration(self, length: timedelta) -> str:
        """Return how long something takes."""
        hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
        if not hours:
            return self._say("duration.minutes", minutes=str(minutes))
        key = "duration.both" if minutes else "duration.hours"
        return self._say(key, hours=str(hours), minutes=str(minutes))

    def minutes(self, minutes: int) -> str:
        """Return how long so many minutes are."""
        return self.duration(timedelta(minutes=minutes))

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def _say(self, key: str, **facts: str) -> str:
        return self.reader.language.say(key, **facts)


def clock_in(reader: Reader, zone: str) -> Clock:
    """Return the reader's clock in the zone of this name; raise UnknownZone if it is none."""
    zone_of(zone)
    return Clock(reader, zone_of(todays_name(zone)))

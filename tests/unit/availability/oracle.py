"""The same rules by brute force: every minute is decided by itself, without any shortcut."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from services.availability.domain.slots import MeetingType

DAYS_BACK = 15  # a window may have begun that long before
DAYS_AHEAD = 2
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
Clock = tuple[int, int]  # the local day's ordinal, and the minute in the week from Monday


@cache
def clocks(zone: str, first: datetime, minutes: int) -> tuple[Clock, ...]:
    """Return what the local clock shows in each minute from the first."""
    tz = ZoneInfo(zone)
    walls = ((first + count * MINUTE).astimezone(tz) for count in range(minutes))
    return tuple(
        (wall.toordinal(), wall.weekday() * 1440 + wall.hour * 60 + wall.minute) for wall in walls
    )


class Oracle:
    """Answers for each minute of some days around a date."""

    def __init__(self, meeting_type: MeetingType, around: datetime, days: int) -> None:
        self.meeting_type = meeting_type
        self.first = around - timedelta(days=DAYS_BACK)
        self.minutes = (DAYS_BACK + days + DAYS_AHEAD) * 1440
        shown = clocks(meeting_type.time_zone, self.first, self.minutes)
        week = [False] * 7 * 1440
        for weekday, ranges in enumerate(meeting_type.hours):
            for begins, ends in ranges:
                for minute in range(weekday * 1440 + begins, weekday * 1440 + ends):
                    week[minute % len(week)] = True
        self.open = [week[minute] for _, minute in shown]
        if meeting_type.date_overrides:
            self._override(shown)
        self.begin = self._begins(shown, endless=all(week))

    def _override(self, shown: Sequence[Clock]) -> None:
        """Decide each minute anew: by the ranges that begin on its date, and on the one before."""
        hours, overrides = self.meeting_type.hours, dict(self.meeting_type.date_overrides)
        for place, (day, minute) in enumerate(shown):
            of_day = minute % 1440
            self.open[place] = any(
                begins <= at < ends
                for date, at in ((day, of_day), (day - 1, of_day + 1440))
                for begins, ends in overrides.get(date - EPOCH, hours[(date - 1) % 7])
            )

    def _begins(self, shown: Sequence[Clock], *, endless: bool) -> list[int]:
        begins: list[int] = []
        begin, was_open, was_day = 0, False, 0
        for minute, (is_open, (day, _)) in enumerate(zip(self.open, shown, strict=True)):
            if not was_open or (endless and day != was_day):
                begin = minute
            begins.append(begin)
            was_open, was_day = is_open, day
        return begins

    def longest_run(self) -> int:
        """Return the longest time without a gap that is seen, in minutes."""
        runs = "".join("x" if each else " " for each in self.open).split()
        return max(map(len, runs), default=0)

    def fits(self, at: datetime) -> bool:
        """Tell whether every minute of the meeting is inside the hours."""
        minute = (at - self.first) // MINUTE
        return all(self.open[minute : minute + self.meeting_type.duration_minutes])

    def is_open(self, at: datetime) -> bool:
        """Tell whether that minute is inside the hours."""
        return self.open[(at - self.first) // MINUTE]

    def on_grid(self, at: datetime) -> bool:
        """Tell whether the minute is a whole number of steps from its window's first."""
        minute = (at - self.first) // MINUTE
        return (minute - self.begin[minute]) % self.meeting_type.increment_minutes == 0

    def is_free(self, at: datetime, busy: Sequence[tuple[datetime, datetime]]) -> bool:
        """Tell whether the meeting overlaps none of the busy times."""
        end = at + self.meeting_type.duration_minutes * MINUTE
        return not any(at < stop and start < end for start, stop in busy if start < stop)

    def is_offered(
        self, at: datetime, now: datetime, busy: Sequence[tuple[datetime, datetime]]
    ) -> bool:
        """Tell whether the minute is a start that an attendee may have."""
        return (
            now + self.meeting_type.min_lead_minutes * MINUTE
            <= at
            < now + self.meeting_type.max_lead_minutes * MINUTE
            and self.on_grid(at)
            and self.fits(at)
            and self.is_free(at, busy)
        )


ZONES_AND_DATES = [
    (zone, datetime.fromisoformat(day).replace(tzinfo=UTC))
    for zone, days in {
        "UTC": ["2026-06-01"],
        "Europe/Copenhagen": ["2026-03-29", "2026-10-25"],
        "America/New_York": ["2026-03-08", "2026-11-01"],
        "Australia/Lord_Howe": ["2026-04-04", "2026-10-03"],  # half an hour
        "Asia/Kathmandu": ["2026-04-14"],  # 5:45 ahead
        "Pacific/Apia": ["2011-12-30", "2011-09-24"],  # a whole Friday left out
        "Pacific/Kwajalein": ["1993-08-21"],  # likewise, from far behind to far ahead
        "Africa/Casablanca": ["2026-02-15", "2026-03-22"],  # back for Ramadan
        "America/St_Johns": ["2026-03-08", "2026-11-01", "2006-10-29"],  # once at 00:01
        "Asia/Tehran": ["2022-03-21", "2022-09-21", "2026-03-21"],  # at midnight, then no more
        "Asia/Beirut": ["2026-03-28", "2026-10-24"],  # at midnight
        "America/Santiago": ["2026-04-05", "2026-09-06"],  # at midnight, southern
        "America/Havana": ["2026-03-08", "2026-11-01"],  # 00:00 comes twice
        "Pacific/Chatham": ["2026-04-04", "2026-09-26"],  # at 02:45
        "Antarctica/Troll": ["2026-03-29", "2026-10-25"],  # two hours at once
    }.items()
    for day in days
]

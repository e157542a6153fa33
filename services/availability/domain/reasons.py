"""Why a time is offered or not: each rule's verdict on one start."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from services.availability.domain.full_periods import Limit
from services.availability.domain.hours import Window, windows
from services.availability.domain.intervals import MINUTE, instant, micros
from services.availability.domain.slots import MeetingType, Offer, bounds

Rule = Literal[
    "meeting_type_known",
    "page_open",
    "enabled",
    "calendar_known",
    "inside_hours",
    "on_grid",
    "minimum_lead",
    "horizon",
    "free",
    "max_per_day",
    "max_per_week",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule's verdict on one start, in words for the organizer.

    `since`, `until` and `minutes` are what the words name, for whoever says it in another language.
    """

    rule: Rule
    passed: bool
    detail: str
    since: datetime | None = None
    until: datetime | None = None
    minutes: int | None = None


def explain(offer: Offer, start: datetime) -> tuple[Reason, ...]:
    """Return each rule's verdict; without a meeting type there are no times to judge."""
    return tuple(_verdicts(offer, start))


def verdict(offer: Offer, start: datetime) -> tuple[Reason, ...]:
    """Return the rules that forbid the start; none means that it is offered."""
    return tuple(reason for reason in _verdicts(offer, start) if not reason.passed)


def _verdicts(offer: Offer, start: datetime) -> Iterator[Reason]:
    known = offer.meeting_type is not None
    yield Reason(
        "meeting_type_known",
        known,
        "The meeting type exists." if known else "There is no such meeting type, or no longer.",
    )
    yield Reason(
        "page_open",
        offer.page_open,
        "The page is open."
        if offer.page_open
        else "The page is not published, or the administrators' policy does not allow it.",
    )
    if offer.meeting_type is not None:
        yield Reason(
            "enabled",
            offer.enabled,
            "The meeting type is offered." if offer.enabled else "The meeting type is turned off.",
        )
        if not offer.calendar_known:
            yield Reason(
                "calendar_known",
                False,
                "A calendar of yours could not be read for long, so what it takes is not known.",
            )
        yield from _of_hours(offer.meeting_type, micros(start))
        yield from _of_lead(offer.meeting_type, offer, micros(start))
        yield _of_busy(offer.meeting_type, offer, micros(start))
        yield from _of_limits(offer.meeting_type, offer, micros(start))


def _of_hours(meeting_type: MeetingType, at: int) -> Iterator[Reason]:
    zone = ZoneInfo(meeting_type.time_zone)
    window = _window_at(meeting_type, zone, at)
    if window is None:
        yield Reason("inside_hours", False, "There are no hours at that time.")
        yield Reason("on_grid", True, "Steps are only counted within the hours.")
        return
    fits = at + meeting_type.duration_minutes * MINUTE <= window.end
    yield Reason(
        "inside_hours",
        fits,
        f"The hours began {_clock(window.begin, zone)}."
        if fits
        else f"The hours end {_clock(window.end, zone)}, before the meeting would.",
        since=_instant(window.begin),
        until=_instant(window.end),
    )
    step = meeting_type.increment_minutes
    yield Reason(
        "on_grid",
        (at - window.begin) % (step * MINUTE) == 0,
        f"Meetings start every {step} minutes, counted from {_clock(window.begin, zone)}.",
        since=_instant(window.begin),
        minutes=step,
    )


def _of_lead(meeting_type: MeetingType, offer: Offer, at: int) -> Iterator[Reason]:
    zone = ZoneInfo(meeting_type.time_zone)
    earliest, latest = bounds(meeting_type, offer)
    yield Reason(
        "minimum_lead",
        at >= earliest,
        f"The earliest possible start is {_clock(earliest, zone)}.",
        since=_instant(earliest),
    )
    yield Reason(
        "horizon",
        at < latest,
        "The organizer may look ahead as far as they like."
        if offer.by_organizer
        else f"A start must be before {_clock(latest, zone)}.",
        until=None if offer.by_organizer else _instant(latest),
    )


def _of_busy(meeting_type: MeetingType, offer: Offer, at: int) -> Reason:
    zone = ZoneInfo(meeting_type.time_zone)
    following = bisect_right(offer.busy, at, key=lambda interval: interval[1])
    if following < len(offer.busy):
        begin, end = offer.busy[following]
        if begin < at + meeting_type.duration_minutes * MINUTE:
            words = f"Something else is there, from {_clock(begin, zone)} to {_clock(end, zone)}."
            if offer.has_buffers:
                words = words[:-1] + ", with the time that is kept free around it."
            return Reason("free", False, words, since=_instant(begin), until=_instant(end))
    return Reason("free", True, "Nothing else is there.")


def _of_limits(meeting_type: MeetingType, offer: Offer, at: int) -> Iterator[Reason]:
    """Yield the verdict of each limit that the meeting type has."""
    limits = meeting_type.limits
    rules: tuple[tuple[Limit, int | None, str], ...] = (
        ("max_per_day", limits.per_day, "day"),
        ("max_per_week", limits.per_week, "week"),
    )
    for limit, most, period in rules:
        if most is not None:
            full = any(each.limit == limit and each.begin <= at < each.end for each in offer.full)
            yield Reason(
                limit,
                not full,
                f"The {period} is full: attendees may book {most} in a {period}."
                if full
                else f"The {period} is not full: attendees may book {most} in a {period}.",
            )


def _window_at(meeting_type: MeetingType, zone: ZoneInfo, at: int) -> Window | None:
    found = windows(meeting_type.hours, zone, at, at + 1, meeting_type.date_overrides)
    return next(iter(found), None)


def _clock(at: int, zone: ZoneInfo) -> str:
    return f"{_instant(at).astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _instant(at: int) -> datetime:
    return instant(at + -at % MINUTE)  # 12:00:30 would read as if 12:00 were allowed

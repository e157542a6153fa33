"""A meeting type as it is offered: by which rules, on which page, and to whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.availability.domain.busy import NO_BUFFERS, Claim, busy_times
from services.availability.domain.full_periods import FullPeriod, full_periods
from services.availability.domain.intervals import Interval
from services.availability.domain.refusals import (
    DurationNotOffered,
    LinkEnded,
    LinkSuspended,
    MeetingTypeNotFound,
    PageNotAvailable,
)
from services.availability.domain.slots import MeetingType, Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """A meeting type as it is offered now, or was last if it is deleted."""

    id: UUID
    organizer_id: UUID
    private: bool
    deleted: bool
    enabled: bool
    published: bool
    allowed: bool
    meeting_type: MeetingType
    now: datetime
    # Since when a calendar of the organizer is not read; what was known of it still counts, until
    # it is too old: then nothing is known.
    stale_since: datetime | None = None
    calendar_known: bool = True

    def is_open(self, *, to_organizer: bool = False) -> bool:
        """Whether times may be booked; the organizer moves meetings on an unpublished page too."""
        return self.allowed and (self.published or to_organizer)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateLink:
    """A private link: the type that it opens, why it has ended, whether its deadline is over.

    `duration_minutes` is the length of its meetings, None that of the type.
    """

    meeting_type_id: UUID
    end_reason: str | None
    expired: bool
    duration_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBooking:
    """The booking that is moved: its own time is free, and it keeps its length."""

    id: UUID
    meeting_type_id: UUID
    length: timedelta


def check_access(offering: Offering, link: PrivateLink | None, own: OwnBooking | None) -> None:
    """Raise the refusal unless the page is open and a private type is opened by its link.

    A booking is moved by its own token, also when its link has ended or its type is deleted.
    """
    if own is None or own.meeting_type_id != offering.id:
        if link is not None:
            _check_link(offering, link)
        if offering.deleted or not offering.enabled or (offering.private and link is None):
            raise MeetingTypeNotFound
    if not offering.is_open():
        raise PageNotAvailable


def check_own(offering: Offering, organizer_id: UUID) -> None:
    """Raise the refusal of whoever is not the organizer of the type."""
    if offering.organizer_id != organizer_id:
        raise MeetingTypeNotFound


def check_can_be_offered(offering: Offering) -> None:
    """Raise the refusal where an organizer can offer nothing, be it by a link or later."""
    if offering.deleted or not offering.enabled:
        raise MeetingTypeNotFound
    if not offering.is_open(to_organizer=True):
        raise PageNotAvailable


def _check_link(offering: Offering, link: PrivateLink) -> None:
    if link.meeting_type_id != offering.id:
        raise MeetingTypeNotFound
    if link.end_reason or link.expired:
        raise LinkEnded(link.end_reason or "ttl")
    if not offering.is_open() or not (offering.enabled or offering.deleted):
        raise LinkSuspended


def chosen_length(
    offering: Offering, minutes: int | None, link: PrivateLink | None = None
) -> timedelta | None:
    """Return the length that the link fixes or that was asked for, None for the default.

    Raises DurationNotOffered.
    """
    if link and link.duration_minutes:
        return timedelta(minutes=link.duration_minutes)
    offered = offering.meeting_type.durations_minutes
    if minutes is not None and minutes not in offered:
        raise DurationNotOffered(offered)
    return None if minutes is None else timedelta(minutes=minutes)


def offer_of(
    offering: Offering | None,
    claims: Sequence[Claim],
    now: datetime,
    *,
    own: OwnBooking | None = None,
    length: timedelta | None = None,
    moving: bool = False,
    by_organizer: bool = False,
    full: Sequence[FullPeriod] = (),
    calendar: Sequence[Interval] = (),
) -> Offer:
    """Return all that decides what is offered at the moment.

    A booking is moved also when its type is turned off. `own` has its own length, others the one
    that was chosen. `calendar` is what calendars take, in order. `full` are days and weeks to leave
    out: a verdict names none, since booking has counted behind its lock before it asks.
    """
    meeting_type = offering.meeting_type if offering else None
    length = own.length if own else length
    if meeting_type and length:
        meeting_type = replace(meeting_type, duration_minutes=length // timedelta(minutes=1))
    buffers = meeting_type.buffers if meeting_type else NO_BUFFERS
    return Offer(
        meeting_type=meeting_type,
        page_open=offering.is_open(to_organizer=by_organizer) if offering else False,
        busy=busy_times(claims, now, own.id if own else None, buffers, calendar),
        now=now,
        by_organizer=by_organizer,
        enabled=moving or offering is None or offering.enabled,
        has_buffers=any(each != NO_BUFFERS for each in (buffers, *(c.buffers for c in claims))),
        full=full,
        calendar_known=by_organizer or offering is None or offering.calendar_known,
    )


def full_for(
    offering: Offering, claims: Sequence[Claim], own: OwnBooking | None = None
) -> tuple[FullPeriod, ...]:
    """Return the days and weeks in which attendees may book no more meetings of the type."""
    rules = offering.meeting_type
    zone = ZoneInfo(rules.time_zone)
    return full_periods(rules.limits, zone, claims, offering.now, own.id if own else None)

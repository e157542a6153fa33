"""A meeting type as it is offered: by which rules, on which page, and to whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.availability.domain.busy import Claim, busy_times
from services.availability.domain.refusals import (
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
    published: bool
    allowed: bool
    meeting_type: MeetingType
    now: datetime

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
        if offering.deleted or (offering.private and link is None):
            raise MeetingTypeNotFound
    if not offering.is_open():
        raise PageNotAvailable


def _check_link(offering: Offering, link: PrivateLink) -> None:
    if link.meeting_type_id != offering.id:
        raise MeetingTypeNotFound
    if link.end_reason or link.expired:
        raise LinkEnded(link.end_reason or "ttl")
    if not offering.is_open():
        raise LinkSuspended


def offer_of(
    offering: Offering | None,
    claims: Sequence[Claim],
    now: datetime,
    *,
    own: OwnBooking | None = None,
    link: PrivateLink | None = None,
    by_organizer: bool = False,
) -> Offer:
    """Return all that decides what is offered at the moment."""
    meeting_type = offering.meeting_type if offering else None
    if meeting_type and own:
        meeting_type = replace(meeting_type, duration_minutes=own.length // timedelta(minutes=1))
    elif meeting_type and link and link.duration_minutes:
        meeting_type = replace(meeting_type, duration_minutes=link.duration_minutes)
    return Offer(
        meeting_type=meeting_type,
        page_open=offering.is_open(to_organizer=by_organizer) if offering else False,
        busy=busy_times(claims, now, own.id if own else None),
        now=now,
        by_organizer=by_organizer,
    )

"""Issuing a private link, and changing it while it may still be used."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.booking.domain.private_link.details import NOTHING_NOTED, LinkDetails, detail_faults
from services.booking.domain.private_link.ending import EraseAddressee, LinkExpired, end
from services.booking.domain.private_link.limits import (
    Limits,
    beginning_faults,
    deadline_faults,
    duration_faults,
    use_faults,
)
from services.booking.domain.private_link.states import Link, end_reason
from services.booking.domain.refusals import Fault, LinkEnded, StateConflict, refuse_if_any

OF_OFFER = "This link belongs to offered times. Delete the offer to end it."


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """Make a link to a meeting type; `offer_id` is the offer whose times it opens, if any."""

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    details: LinkDetails = NOTHING_NOTED
    offer_id: UUID | None = None
    at: datetime
    minimum_seconds: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLink:
    """Change how the link may be used, and what is noted about it; `before` is noted so far."""

    limits: Limits
    details: LinkDetails = NOTHING_NOTED
    before: LinkDetails = NOTHING_NOTED
    at: datetime
    minimum_seconds: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateLinkIssued:
    """There is a link to the meeting type."""

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    offer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PrivateLinkChanged:
    """The link has other limits, or other notes, which are in no event."""

    meeting_type_id: UUID
    limits: Limits


def issue(command: IssueLink) -> PrivateLinkIssued:
    """Make the link; raise Invalid for limits and notes that are out of range."""
    limits, at = command.limits, command.at
    refuse_if_any(
        (
            *_faults(limits, command.details),
            *use_faults(limits),
            *deadline_faults(limits, at, command.minimum_seconds),
        )
    )
    return PrivateLinkIssued(
        organizer_id=command.organizer_id,
        meeting_type_id=command.meeting_type_id,
        limits=replace(limits, for_addressees=bool(command.details.addressees)),
        offer_id=command.offer_id,
    )


def change(link: Link, command: ChangeLink) -> list[PrivateLinkChanged]:
    """Change the link; raise LinkEnded, StateConflict, Invalid."""
    if reason := end_reason(link, command.at):
        raise LinkEnded(reason)
    limits = replace(command.limits, for_addressees=_for_addressees(link, command))
    if limits == link.limits and command.details == command.before:
        return []  # asked again for what already is: nothing happens
    if link.offer_id:
        raise StateConflict(OF_OFFER)
    faults = [*_faults(limits, command.details), *use_faults(limits, len(link.consumed))]
    if limits.expires_at != link.limits.expires_at:  # one that is kept may be near
        faults += deadline_faults(limits, command.at, command.minimum_seconds)
    refuse_if_any(faults)
    return [PrivateLinkChanged(link.meeting_type_id, limits)]


def erase_addressee(link: Link, command: EraseAddressee) -> list[PrivateLinkChanged | LinkExpired]:
    """Take the person out: the link is for the others only, or ends. An erasure is never refused.

    A change that was read before it must not bring the person back, so there is an event.
    """
    if not command.others:
        return [*end(link, "revoked", command.at)]
    return [] if link.ended else [PrivateLinkChanged(link.meeting_type_id, link.limits)]


def _for_addressees(link: Link, command: ChangeLink) -> bool:
    """Tell whether the link is for certain people; erasing them does not open it to others."""
    if command.details.addressees == command.before.addressees:
        return link.limits.for_addressees
    return bool(command.details.addressees)


def _faults(limits: Limits, details: LinkDetails) -> Iterator[Fault]:
    yield from detail_faults(details)
    yield from duration_faults(limits.duration_minutes)
    yield from beginning_faults(limits)

"""Issuing a private link, and changing its limits while it may still be used."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain.private_link.limits import Limits, deadline_faults, use_faults
from services.booking.domain.private_link.states import Link, end_reason
from services.booking.domain.refusals import LinkEnded, refuse_if_any


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """Make a link to a private meeting type."""

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    at: datetime
    minimum_seconds: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLink:
    """Change how often and how long the link may be used."""

    limits: Limits
    at: datetime
    minimum_seconds: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateLinkIssued:
    """There is a link to the meeting type."""

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits


@dataclass(frozen=True, slots=True)
class PrivateLinkChanged:
    """The link has other limits."""

    meeting_type_id: UUID
    limits: Limits


def issue(command: IssueLink) -> PrivateLinkIssued:
    """Make the link; raise Invalid for limits that are out of range."""
    limits = command.limits
    refuse_if_any(
        (*use_faults(limits), *deadline_faults(limits, command.at, command.minimum_seconds))
    )
    return PrivateLinkIssued(
        organizer_id=command.organizer_id,
        meeting_type_id=command.meeting_type_id,
        limits=limits,
    )


def change(link: Link, command: ChangeLink) -> list[PrivateLinkChanged]:
    """Change the limits; raise LinkEnded, Invalid."""
    if reason := end_reason(link, command.at):
        raise LinkEnded(reason)
    limits = command.limits
    if limits == link.limits:
        return []  # asked again for what already is: nothing happens
    faults = [*use_faults(limits, len(link.consumed), len(link.held))]
    if limits.expires_at != link.limits.expires_at:  # one that is kept may be near
        faults += deadline_faults(limits, command.at, command.minimum_seconds)
    refuse_if_any(faults)
    return [PrivateLinkChanged(link.meeting_type_id, limits)]

"""Ending a private link: revoked, past its deadline, its meeting type gone or public."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.private_link.states import Link
from services.booking.domain.refusals import EndReason


@dataclass(frozen=True, slots=True)
class RevokeLink:
    """End the link because its organizer wants it."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ExpireLink:
    """End the link if its deadline has passed."""

    at: datetime


@dataclass(frozen=True, slots=True)
class EndLink:
    """End the link because of what happened to its meeting type."""

    reason: Literal["type_deleted", "type_made_public"]
    at: datetime


@dataclass(frozen=True, slots=True)
class EraseAddressee:
    """Take somebody out of the addressees; the link ends if it is addressed to nobody else."""

    others: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkExpired:
    """The link gives no use any more."""

    meeting_type_id: UUID
    reason: EndReason
    expired_at: datetime


def end(link: Link, reason: EndReason, at: datetime) -> list[LinkExpired]:
    """End the link for the reason, or by its deadline if that came first."""
    if link.ended is not None:
        return []
    return expire(link, at) or [expired(link, reason, at)]


def expire(link: Link, at: datetime) -> list[LinkExpired]:
    """Return the expiry of a deadline that has passed and is not written yet."""
    if link.ended is not None or at < link.limits.expires_at:
        return []
    return [expired(link, "ttl", link.limits.expires_at)]


def expired(link: Link, reason: EndReason, at: datetime) -> LinkExpired:
    """Return the event that ends the link."""
    return LinkExpired(meeting_type_id=link.meeting_type_id, reason=reason, expired_at=at)

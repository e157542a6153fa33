"""Another mail address for a page than the sign-in's: in use once a mailed link has proven it.

The address is in no event before that: it may be a stranger's.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.booking.domain.refusals import EmailLinkEnded, StateConflict

EndReason = Literal["proven", "withdrawn", "expired", "replaced"]

# Who asks need not be the person: a mailbox must not be filled with our mails.
MOST_REQUESTS = 3
IN = timedelta(hours=1)
ENOUGH = f"{MOST_REQUESTS} letters were sent within an hour. Wait a while, then ask once more."


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEmail:
    """Have a link mailed to the address that is to be the page's."""

    request_id: UUID
    expires_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveEmail:
    """Use the address from now on: the link of that request was opened by the organizer."""

    request_id: UUID
    email: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEmailRequest:
    """End what is waiting: the organizer withdraws it, or its time is over at `at`."""

    reason: Literal["withdrawn", "expired"]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEmailRequested:
    """A link was mailed to another address; it proves the address until it expires."""

    request_id: UUID
    requested_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEmailRequestEnded:
    """The link proves nothing any more; `proven` is the only end with which the address is used."""

    request_id: UUID
    reason: EndReason
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRequests:
    """The newest requests, oldest first; of them only the newest may still wait."""

    newest: tuple[PageEmailRequested, ...] = ()
    is_waiting: bool = False

    @property
    def waiting(self) -> PageEmailRequested | None:
        """Return the request whose link has neither been opened nor ended."""
        return self.newest[-1] if self.is_waiting else None


NO_REQUESTS = EmailRequests()
RequestEvent = PageEmailRequested | PageEmailRequestEnded


def request(requests: EmailRequests, command: RequestEmail) -> list[RequestEvent]:
    """Have a letter sent; the link of the one before ends. Raise StateConflict for too many."""
    if any(each.request_id == command.request_id for each in requests.newest):
        return []  # the same request once more
    recent = [each for each in requests.newest if each.requested_at > command.at - IN]
    if len(recent) >= MOST_REQUESTS:
        raise StateConflict(ENOUGH)
    requested = PageEmailRequested(
        request_id=command.request_id, requested_at=command.at, expires_at=command.expires_at
    )
    return [*_ended(requests, "replaced", command.at), requested]


def prove(requests: EmailRequests, command: ProveEmail) -> list[RequestEvent]:
    """End the request with its proof; raise EmailLinkEnded for a link that is over."""
    waiting = requests.waiting
    if waiting is None or waiting.request_id != command.request_id:
        raise EmailLinkEnded
    if command.at >= waiting.expires_at:
        raise EmailLinkEnded
    return _ended(requests, "proven", command.at)


def end(requests: EmailRequests, command: EndEmailRequest) -> list[RequestEvent]:
    """End what is waiting; nothing happens when nothing is, or its time is not over."""
    waiting = requests.waiting
    if waiting and command.reason == "expired" and command.at < waiting.expires_at:
        return []
    return _ended(requests, command.reason, command.at)


def after(requests: EmailRequests, event: RequestEvent) -> EmailRequests:
    """Return the requests after the event."""
    if isinstance(event, PageEmailRequested):
        return EmailRequests(newest=(*requests.newest, event)[-MOST_REQUESTS:], is_waiting=True)
    return replace(requests, is_waiting=False)


def _ended(requests: EmailRequests, reason: EndReason, at: datetime) -> list[RequestEvent]:
    waiting = requests.waiting
    if waiting is None:
        return []
    return [PageEmailRequestEnded(request_id=waiting.request_id, reason=reason, ended_at=at)]

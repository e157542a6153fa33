"""What became of the mails about an organizer's bookings, as notifier tells in their name."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from contracts.capabilities import ORGANIZER_HEADER
from services.chassis.http.json_client import JsonClient, NoAnswer, Refused

# A page waits no longer for what it can be shown without.
DEADLINE_SECONDS = 0.8
LARGEST_ANSWER = 512 * 1024
MOST_MAILS = 200
API = "/api/notifier/v1"

# What became of the wish to have a mail sent again.
Retried = Literal["retried", "settled", "missing", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, as notifier names its kind, its state and the cause of a failure.

    `address` is where it goes as things stand: an earlier try may have gone elsewhere.
    """

    id: UUID
    kind: str
    to_attendee: bool
    state: str
    address: str
    attempts: int
    since: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    gives_up_at: datetime | None
    given_up_at: datetime | None
    cause: str | None
    smtp_code: int | None


@dataclass(frozen=True, slots=True)
class BookingMails:
    """The mails about a booking, oldest first; `known` is False when notifier does not answer."""

    known: bool
    mails: tuple[Mail, ...] = ()


UNKNOWN = BookingMails(known=False)


class MailClient:
    """Asks notifier; without an answer in time nothing is known."""

    def __init__(self, url: str) -> None:
        self._notifier = JsonClient(
            url, name="notifier", seconds=DEADLINE_SECONDS, largest=LARGEST_ANSWER
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._notifier.close()

    async def about(self, booking_id: UUID, organizer_token: str) -> BookingMails:
        """Return the mails about the organizer's own booking."""
        query = {"booking_id": str(booking_id), "limit": str(MOST_MAILS)}
        headers = {ORGANIZER_HEADER: organizer_token}
        try:
            return await self._notifier.get(
                f"{API}/deliveries", _read_mails, query=query, headers=headers
            )
        except NoAnswer:
            return UNKNOWN

    async def undelivered(self, organizer_token: str) -> tuple[UUID, ...]:
        """Return the organizer's bookings of which a party was not reached, the newest first."""
        headers = {ORGANIZER_HEADER: organizer_token}
        try:
            return await self._notifier.get(f"{API}/undelivered", _read_ids, headers=headers)
        except NoAnswer:
            return ()

    async def retry(self, mail_id: UUID, organizer_token: str) -> Retried:
        """Have a mail of the organizer's tried again."""
        headers = {ORGANIZER_HEADER: organizer_token}
        refusals = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT})
        try:
            await self._notifier.post(
                f"{API}/deliveries/{mail_id}/retry", _read_mail, headers=headers, refusals=refusals
            )
        except Refused as refused:
            return "missing" if refused.status == HTTPStatus.NOT_FOUND else "settled"
        except NoAnswer:
            return "unknown"
        return "retried"


def _read_mails(document: dict[str, Any]) -> BookingMails:
    return BookingMails(known=True, mails=tuple(_read_mail(each) for each in document["items"]))


def _read_ids(document: dict[str, Any]) -> tuple[UUID, ...]:
    return tuple(UUID(each["booking_id"]) for each in document["items"])


def _read_mail(document: dict[str, Any]) -> Mail:
    return Mail(
        id=UUID(document["id"]),
        kind=str(document["kind"]),
        to_attendee=document["recipient"] == "attendee",
        state=str(document["state"]),
        address=document["address"] or "",
        attempts=int(document["attempts"]),
        since=datetime.fromisoformat(document["created_at"]),
        sent_at=_instant(document["sent_at"]),
        next_attempt_at=_instant(document["next_attempt_at"]),
        gives_up_at=_instant(document["gives_up_at"]),
        given_up_at=_instant(document["given_up_at"]),
        cause=document["last_error"],
        smtp_code=document["smtp_code"],
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

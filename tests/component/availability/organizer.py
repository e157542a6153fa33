"""Booking as availability sees it: an organizer's events, published in order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from contracts import booking
from contracts.availability import SlotAccepted, SlotRejected
from contracts.capabilities import MANAGE, PRIVATE_LINK
from contracts.envelope import Envelope
from contracts.event import ContractEvent
from contracts.topics import AVAILABILITY_EVENTS, BOOKING_EVENTS
from contracts.values import InPerson, OrganizerContact, Period
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from tests.component.kafka import OtherServices, ReceivedRecord, TopicReader, eventually
from tests.component.provider import Provider
from tests.component.running import KEYS, Running

API = "/api/availability/v1"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
RING = KeyRing.parse(KEYS)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAY = booking.WeeklyHours(**dict.fromkeys(DAYS, (("00:00", "24:00"),)))
MINUTE = timedelta(minutes=1)


def monday(hour: int = 0, minute: int = 0, *, days: int = 0) -> datetime:
    """Return the local time in Copenhagen on the Monday after the next, or days later."""
    now = datetime.now(COPENHAGEN)
    day = now + timedelta(days=14 - now.weekday() + days)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)


def stamp(instant: datetime) -> str:
    """Return the instant as the API gives it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(slots=True)
class Availability:
    """The running service with everything around it."""

    service: Running
    other_services: OtherServices
    topics: TopicReader
    sign_in: Provider

    async def slots(self, kind: UUID, **asked: Any) -> httpx.Response:
        """Request the slots of a type; header names have underscores."""
        headers = {
            name.replace("_", "-"): asked.pop(name) for name in list(asked) if name[0].isupper()
        }
        query = {"meeting_type_id": str(kind), **asked}
        query = {name.rstrip("_"): value for name, value in query.items() if value is not None}
        return await self.service.http.get(f"{API}/slots", params=query, headers=headers)

    async def starts(self, kind: UUID, start: datetime, end: datetime, **asked: Any) -> list[str]:
        """Return the starts that are offered in the window."""
        answer = await self.slots(kind, from_=stamp(start), to=stamp(end), **asked)
        assert answer.status_code == 200, answer.text
        return [slot["start"] for slot in answer.json()["slots"]]


@dataclass(slots=True)
class Organizer:
    """One organizer of one test, with the events about them."""

    availability: Availability
    identity: str
    id: UUID

    async def publish(self, *events: ContractEvent, **changes: Any) -> list[Envelope]:
        """Publish the events and wait until availability has applied them."""
        sent = await self.availability.other_services.publish(*events, **changes)
        await self.applied(sent[-1].sequence or 0)
        return sent

    async def applied(self, sequence: int) -> None:
        """Wait until the organizer's events up to the sequence are applied."""
        query = "SELECT 1 FROM inbox WHERE topic = %s AND key = %s AND sequence >= %s"
        await eventually(
            lambda: self.availability.service.rows(query, BOOKING_EVENTS, str(self.id), sequence),
            f"event {sequence} of {self.id}",
        )

    async def open(self) -> None:
        """Publish the page, and let the policy allow it."""
        await self.publish(self.published(), self.allowed())

    def published(self) -> booking.PagePublished:
        return booking.PagePublished(organizer_id=self.id)

    def unpublished(self) -> booking.PageUnpublished:
        return booking.PageUnpublished(organizer_id=self.id)

    def allowed(self) -> booking.PageAllowed:
        return booking.PageAllowed(organizer_id=self.id)

    def denied(self) -> booking.PageDenied:
        return booking.PageDenied(organizer_id=self.id, rule="ews_enabled")

    def meeting_type(self, **changes: Any) -> booking.MeetingTypeCreated:
        """Return half an hour, any time of any day, without notice."""
        whole: dict[str, Any] = {
            "id": new_id(),
            "organizer_id": self.id,
            "organizer_time_zone": "Europe/Copenhagen",
            "title": "A second opinion",
            "slug": "second-opinion",
            "description": "",
            "duration_minutes": 30,
            "increment_minutes": 30,
            "visibility": "public",
            "hours": "custom",
            "weekly_hours": ALL_DAY,
            "min_lead_minutes": 0,
            "max_lead_minutes": 365 * 24 * 60,
            "location": InPerson(address="Bridge Street 7"),
            "revision": 1,
        }
        return booking.MeetingTypeCreated(**{**whole, **changes})

    def changed(self, kind: booking.MeetingTypeCreated, **changes: Any) -> ContractEvent:
        whole = {name: getattr(kind, name) for name in type(kind).model_fields}
        return booking.MeetingTypeChanged(**{**whole, "revision": 2, **changes})

    async def offers(self, **changes: Any) -> UUID:
        """Offer a type; return its id."""
        kind = self.meeting_type(**changes)
        await self.publish(kind)
        return kind.id

    async def link(self, kind: UUID, lives: timedelta = timedelta(days=90)) -> UUID:
        """Issue a private link to the type; return its id."""
        issued = self.issued(kind, lives)
        await self.publish(issued)
        return issued.link_id

    def issued(
        self, kind: UUID, lives: timedelta = timedelta(days=90)
    ) -> booking.PrivateLinkIssued:
        return booking.PrivateLinkIssued(
            organizer_id=self.id,
            link_id=new_id(),
            meeting_type_id=kind,
            max_uses=1,
            expires_at=datetime.now(UTC) + lives,
        )

    def ended(self, link: UUID, kind: UUID, reason: Any) -> booking.LinkExpired:
        return booking.LinkExpired(
            organizer_id=self.id,
            link_id=link,
            meeting_type_id=kind,
            reason=reason,
            expired_at=datetime.now(UTC),
        )

    def reserved(self, kind: UUID, start: datetime, **changes: Any) -> booking.SlotReserved:
        whole: dict[str, Any] = {
            "booking_id": new_id(),
            "organizer_id": self.id,
            "meeting_type_id": kind,
            "start": start,
            "end": changes.pop("end", start + 30 * MINUTE),
            "expires_at": datetime.now(UTC) + 5 * MINUTE,
            "purpose": "new",
            "by": "attendee",
        }
        return booking.SlotReserved(**{**whole, **changes})

    def released(self, held: booking.SlotReserved, reason: Any = "released") -> ContractEvent:
        return booking.SlotReleased(
            booking_id=held.booking_id,
            organizer_id=self.id,
            start=held.start,
            end=held.end,
            reason=reason,
            purpose=held.purpose,
        )

    def confirmed(self, held: booking.SlotReserved) -> ContractEvent:
        return booking.BookingConfirmed(**self._whole(held))

    def rescheduled(self, old: booking.SlotReserved, new: booking.SlotReserved) -> ContractEvent:
        return booking.BookingRescheduled(
            **self._whole(new),
            from_=Period(start=old.start, end=old.end),
            to=Period(start=new.start, end=new.end),
            by="attendee",
        )

    def cancelled(self, held: booking.SlotReserved) -> ContractEvent:
        return booking.BookingCancelled(**self._whole(held), by="attendee")

    def requested(self, held: booking.SlotReserved, expires_at: datetime) -> ContractEvent:
        return booking.BookingRequested(**self._whole(held), expires_at=expires_at)

    def request_rescheduled(
        self, old: booking.SlotReserved, new: booking.SlotReserved, expires_at: datetime
    ) -> ContractEvent:
        return booking.RequestRescheduled(
            **self._whole(new),
            from_=Period(start=old.start, end=old.end),
            to=Period(start=new.start, end=new.end),
            by="attendee",
            expires_at=expires_at,
        )

    def declined(self, held: booking.SlotReserved) -> ContractEvent:
        return booking.BookingDeclined(**self._whole(held), by="organizer", reason="declined")

    def move_awaits_approval(
        self, old: booking.SlotReserved, new: booking.SlotReserved, expires_at: datetime
    ) -> ContractEvent:
        return booking.RescheduleApprovalRequested(
            **self._whole(old),
            wanted=Period(start=new.start, end=new.end),
            by="attendee",
            expires_at=expires_at,
        )

    def move_declined(self, old: booking.SlotReserved, new: booking.SlotReserved) -> ContractEvent:
        return booking.RescheduleDeclined(
            **self._whole(old),
            wanted=Period(start=new.start, end=new.end),
            by="organizer",
            reason="declined",
        )

    def unproven(self, held: booking.SlotReserved, expires_at: datetime) -> ContractEvent:
        return booking.VerificationRequested(**self._whole(held), expires_at=expires_at)

    def _whole(self, held: booking.SlotReserved) -> dict[str, Any]:
        return {
            "booking_id": held.booking_id,
            "organizer_id": self.id,
            "organizer": OrganizerContact(
                display_name="Anna", email="anna@bridges.example", time_zone="Europe/Copenhagen"
            ),
            "meeting_type_id": held.meeting_type_id,
            "title": "A second opinion",
            "attendee_id": new_id(),
            "start": held.start,
            "end": held.end,
            "location": InPerson(address="Bridge Street 7"),
            "uid": f"{held.booking_id}@bookwith",
            "ics_sequence": 0,
        }

    async def verdict(self, held: booking.SlotReserved) -> SlotAccepted | SlotRejected:
        """Return availability's first answer to the reservation."""
        return (await self.answers(held, 1))[0].event  # type: ignore[no-any-return] # one of these two

    async def answers(self, held: booking.SlotReserved, count: int) -> list[ReceivedRecord]:
        """Return availability's answers about the booking, at least so many."""

        def about(received: list[ReceivedRecord]) -> list[ReceivedRecord]:
            return [h for h in received if h.header("ce_subject") == str(held.booking_id)]

        found = await self.availability.topics.until(
            AVAILABILITY_EVENTS, self.id, lambda received: len(about(received)) >= count
        )
        return about(found)

    async def judged(self, held: booking.SlotReserved, **changes: Any) -> list[str]:
        """Reserve, and return the rules that are against it."""
        await self.availability.other_services.publish(held, **changes)
        return [reason.rule for reason in (await self.verdict(held)).reasons]


def link_token(link_id: UUID) -> str:
    """Return the token that booking hands out for the link."""
    return RING.issue(PRIVATE_LINK, link_id)


def manage_token(held: booking.SlotReserved) -> str:
    """Return the token that the booking's visitor holds."""
    return RING.issue(MANAGE, held.booking_id)

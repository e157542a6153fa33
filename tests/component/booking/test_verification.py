"""A meeting type that asks for a proven address: the first who proves theirs has the time."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.capabilities import VERIFY
from contracts.topics import BOOKING_EVENTS
from services.chassis.identity.capability_tokens import KeyRing
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    problem,
    vera,
)
from tests.component.running import KEYS


@pytest.fixture
async def kind(anna: Organizer) -> dict[str, Any]:
    """A meeting type whose attendees prove their addresses."""
    return await anna.meeting_type(verification_required=True)


def mailed(booking: dict[str, Any]) -> str:
    """Return the token that the mail to the attendee has."""
    return KeyRing.parse(KEYS).issue(VERIFY, UUID(booking["id"]))


async def unverified(
    service: BookingService, kind: dict[str, Any], name: str, **more: Any
) -> dict[str, Any]:
    """Return the booking of somebody whose address is not proven yet."""
    attendee = vera(name=name, email=f"{name}@visitors.example")
    booking = await service.held(kind, day(3), attendee=attendee, **more)
    assert booking["status"] == "unverified"
    return booking


async def verify(
    service: BookingService, booking: dict[str, Any], token: str | None = None
) -> httpx.Response:
    """Send the mailed token by a POST."""
    headers = {VERIFY.header: token or mailed(booking)}
    return await service.call("POST", f"/bookings/{booking['id']}/verify", headers=headers)


async def test_the_first_who_proves_the_address_has_the_time_and_the_others_hear_at_once(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    first = await unverified(service, kind, "viggo")
    second = await unverified(service, kind, "vibeke")

    proven = await verify(service, second)
    again = await verify(service, second)
    async with service.another_process("timers"):
        lost = await service.wait_until(first, status="released")
    late = await verify(service, first)
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingLapsed")).event

    assert (200, "confirmed") == (proven.status_code, proven.json()["status"])
    assert proven.json() == again.json()
    assert "taken" == lost["release_reason"] == event.reason
    assert first["id"] == str(event.booking_id)
    assert (409, "slot-taken") == problem(late)
    assert [
        "SlotReserved",
        "VerificationRequested",
        "SlotReserved",
        "VerificationRequested",
        "AddressVerified",
        "SlotReserved",
        "BookingConfirmed",
        "BookingLapsed",
    ] == (await anna.events())[-8:]


async def test_of_many_who_prove_their_addresses_at_one_moment_one_has_the_time(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = [await unverified(service, kind, f"visitor-{n}") for n in range(8)]

    answers = await asyncio.gather(*(verify(service, each) for each in asked))

    assert {200: 1, 409: 7} == Counter(each.status_code for each in answers)
    assert {"slot-taken"} == {problem(each)[1] for each in answers if each.status_code == 409}


async def test_an_unproven_booking_holds_no_time_and_a_later_one_without_proof_takes_it(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await unverified(service, kind, "viggo")
    plain = await anna.meeting_type()

    await service.booked(plain, day(3))
    async with service.another_process("timers"):
        lost = await service.wait_until(asked, status="released")

    assert "taken" == lost["release_reason"]


async def test_only_the_mailed_token_proves_an_address(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked, other = [await unverified(service, kind, name) for name in ("viggo", "vibeke")]

    forged = [
        await verify(service, asked, token)
        for token in (asked["manage_token"], mailed(other), "bwv_" + "A" * 68, "x")
    ]
    without = await service.manage(asked, "verify")
    by_get = await service.call(
        "GET", f"/bookings/{asked['id']}/verify", headers={VERIFY.header: mailed(asked)}
    )

    assert [(404, "not-found")] * 4 == [problem(each) for each in forged]
    assert (403, "forbidden") == problem(without)
    assert 405 == by_get.status_code
    assert "unverified" == (await service.read(asked))["status"]
    assert asked["manage_token"] not in (mailed(asked), mailed(other))


async def test_an_address_that_is_not_proven_in_time_ends_the_booking_and_frees_its_link(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(verification_required=True, visibility="private")
    link = await anna.link(kind)
    async with service.another_process(verification_seconds=1) as short:
        asked = await unverified(short, kind, "viggo", token=link["token"])

    ended = await service.wait_until(asked, status="released")
    async with service.another_process("timers"):
        await service.topics.one(BOOKING_EVENTS, anna.id, "BookingLapsed")
    late = await verify(service, asked)

    assert "timeout" == ended["release_reason"]
    assert (409, "hold-over") == problem(late)
    assert "active" == (await anna.read_link(link))["state"]


async def test_a_rejecting_calendar_is_told_at_the_proof(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await unverified(service, kind, "viggo")
    service.availability.rejections[anna.id] = ("free",)

    refused = await verify(service, asked)
    reserved = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", 2)

    assert (409, "slot-not-offered") == problem(refused)
    assert ["free"] == refused.json()["reasons"]
    assert reserved.event.asked_at is not None
    assert "released" == (await service.read(asked))["status"]


async def test_a_proven_address_of_a_type_with_approval_makes_a_request(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(verification_required=True, approval_required=True)
    asked = await unverified(service, kind, "viggo")

    proven = await verify(service, asked)

    assert (200, "requested") == (proven.status_code, proven.json()["status"])


async def test_a_policy_that_turns_the_page_off_ends_what_is_not_proven(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await unverified(service, kind, "viggo")

    await service.withdraw(anna)
    ended = await service.wait_until(asked, status="released")

    assert "policy_disabled" == ended["release_reason"]
    assert (404, "not-available") == problem(await verify(service, asked))


async def test_a_withdrawn_booking_cannot_be_proven(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await unverified(service, kind, "viggo")

    cancelled = await service.manage(asked, "cancel")
    proven = await verify(service, asked)

    assert (200, "released", "withdrawn") == (
        cancelled.status_code,
        cancelled.json()["status"],
        cancelled.json()["release_reason"],
    )
    assert (409, "hold-over") == problem(proven)

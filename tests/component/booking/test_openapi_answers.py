"""Whatever is sent, booking answers as its OpenAPI document says, and never with a 5xx."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.openapi_answers import Asked, Known, asked_of, check_answer, examples

CALLERS = ("organizer", "attendee", "nobody")


async def known_things(service: BookingService, anna: Organizer) -> tuple[Known, dict[str, str]]:
    """Return the ids of things that are there, and the token of an attendee."""
    kinds = [await anna.meeting_type() for _ in range(3)]
    private = await anna.meeting_type(visibility="private")
    link = await anna.link(private, max_uses=None)
    booked = await service.booked(kinds[0], day(3))
    held = await service.held(kinds[1], day(4))
    known = {
        "booking_id": [booked["id"], held["id"]],
        "type_id": [each["id"] for each in (*kinds, private)],
        "meeting_type_id": [each["id"] for each in (*kinds, private)],
        "link_id": [link["id"]],
        "token": [link["token"]],
        "handle": [anna.identity],
        "start": [day(5), day(6, 11), day(3)],
        "kind": ["invalid", "not-found"],
    }
    return known, {"X-Manage-Token": booked["manage_token"]}


@pytest.fixture(params=CALLERS)
async def asked(service: BookingService, anna: Organizer, request: Any) -> Asked:
    """An organizer with things of each kind, and somebody who asks about them."""
    known, as_attendee = await known_things(service, anna)
    headers = {"organizer": anna.headers, "attendee": as_attendee, "nobody": {}}
    return await asked_of(service.booking.http, known, headers[request.param])


@examples
@given(data=st.data())
async def test_whatever_is_sent_is_answered_as_the_document_says(
    service: BookingService, asked: Asked, data: st.DataObject
) -> None:
    await check_answer(service.booking.http, asked, data)

"""Whatever is sent, availability answers as its OpenAPI document says, and never with a 5xx."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.component.availability.organizer import (
    Availability,
    Organizer,
    link_token,
    manage_token,
    monday,
    stamp,
)
from tests.component.openapi_answers import Asked, asked_of, check_answer, examples

CALLERS = ("organizer", "attendee", "visitor of a link", "nobody")


@pytest.fixture(params=CALLERS)
async def asked(availability: Availability, anna: Organizer, request: Any) -> Asked:
    """An organizer with a type, a link and a booking, and somebody who asks about free times."""
    public = await anna.offers()
    private = await anna.offers(visibility="private")
    link = await anna.link(private)
    held = anna.reserved(public, monday(10))
    await anna.judged(held)
    headers = {
        "organizer": availability.sign_in.signed_in(anna.identity, "organizer"),
        "attendee": {"X-Manage-Token": manage_token(held)},
        "visitor of a link": {"X-Link-Token": link_token(link)},
        "nobody": {},
    }
    known = {
        "meeting_type_id": [str(public), str(private)],
        "booking_id": [str(held.booking_id)],
        "from": [stamp(monday()), stamp(monday(days=1))],
        "to": [stamp(monday(days=2)), stamp(monday(days=30))],
        "start": [stamp(monday(10)), stamp(monday(11, days=1))],
    }
    return await asked_of(availability.service.http, known, headers[request.param])


@examples
@given(data=st.data())
async def test_whatever_is_sent_to_availability_is_answered_as_the_document_says(
    availability: Availability, asked: Asked, data: st.DataObject
) -> None:
    await check_answer(availability.service.http, asked, data)

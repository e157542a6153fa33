"""The pages on which an attendee sees, downloads and erases what is held about them."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.component.booking.booking_service import BookingService, Organizer
from tests.component.booking.browsing import Visitor, browsing, heading
from tests.component.booking.test_held_data import address, attendee_of, booked, mailed_token

ERASED = "Your data is erased"


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    async with browsing(service) as client:
        yield Visitor(client)


@pytest.mark.parametrize("known", [True, False])
async def test_the_link_is_asked_for_by_a_form_that_tells_nobody_who_is_known(
    service: BookingService, anna: Organizer, visitor: Visitor, known: bool
) -> None:
    email = address()
    if known:
        await booked(service, anna, email)

    sent = await visitor.submit(await visitor.open("/me"), "/me", email=email)
    wrong = await visitor.submit(await visitor.open("/me"), "/me", email="vera@")

    assert "If anything is held about this address, a link is on its way there." in sent.text
    assert email not in sent.text
    assert (422, True) == (wrong.status_code, 'value="vera@"' in wrong.text)


async def test_the_mailed_link_shows_everything_and_lets_it_be_downloaded(
    service: BookingService, anna: Organizer, visitor: Visitor
) -> None:
    email = address()
    booking = await booked(service, anna, email)
    token = await mailed_token(service, anna, email)

    shown = await visitor.open(f"/me/{token}")
    file = await visitor.open("/me/data/download")

    assert ("/me/data", "What is held about you") == (shown.url.path, heading(shown))
    for each in (email, "What about?", "the bridge", booking["title"], "Vera Visitor"):
        assert each in shown.text
    assert "attachment" in file.headers["content-disposition"]
    assert "no-store" == file.headers["cache-control"]
    assert [booking["id"]] == [each["booking_id"] for each in json.loads(file.text)["bookings"]]


async def test_everything_is_erased_by_the_form_alone(
    service: BookingService, anna: Organizer, visitor: Visitor
) -> None:
    email = address()
    booking = await booked(service, anna, email)
    await visitor.open(f"/me/{await mailed_token(service, anna, email)}")

    asked = await visitor.open("/me/data/erase")
    assert await attendee_of(service, booking)
    erased = await visitor.submit(asked, "/me/data/erase")

    assert (ERASED, "Erase everything about you?") == (heading(erased), heading(asked))
    assert email not in erased.text
    assert "Not yet" in erased.text
    assert ERASED == heading(await visitor.open("/me/data/erase"))


async def test_a_browser_that_did_not_follow_the_link_sees_nothing(
    service: BookingService, visitor: Visitor
) -> None:
    for path in ("/me/data", "/me/data/download", "/me/data/erase", "/me/bwd_no-such-token"):
        shown = await visitor.open(path)
        assert shown.status_code in (404, 410), path
        assert "This link no longer works" == heading(shown)
        assert 'href="/me"' in shown.text
    refused = await visitor.http.post("/me", data={"email": "vera@visitors.example"})
    assert 403 == refused.status_code

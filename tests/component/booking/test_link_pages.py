"""Links on pages: a time that the address chooses, what it fills in, one hold for each browser."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.booking.bookings.records import UNDISTURBED_SECONDS
from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import Visitor, browsing, heading, offer
from tests.component.booking.conftest import FreeTimesServer

WHO = {"name": "Vera Visitor", "email": "vera@visitors.example"}
TIMES = [day(3), day(4), day(5)]


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    """Somebody in front of booking."""
    async with browsing(service) as client:
        yield Visitor(client)


@pytest.fixture
async def other(service: BookingService) -> AsyncIterator[Visitor]:
    """Somebody else, in another browser."""
    async with browsing(service) as client:
        yield Visitor(client)


@pytest.fixture
async def private(anna: Organizer) -> dict[str, Any]:
    """A private meeting type of Anna's."""
    return await anna.meeting_type(visibility="private")


@pytest.fixture(autouse=True)
def free(free_times: FreeTimesServer) -> FreeTimesServer:
    """The calendar has all the times."""
    offer(free_times, *TIMES)
    return free_times


async def offered(anna: Organizer, kind: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an offer of three times."""
    asked = {"meeting_type_id": kind["id"], "starts": TIMES, **more}
    made: dict[str, Any] = await anna.body_of("POST", "/offers", asked)
    return made


async def holds(service: BookingService, anna: Organizer) -> list[str]:
    """Return the starts that visitors hold with the organizer."""
    found = (await anna.body_of("GET", "/bookings?status=held"))["items"]
    return sorted(each["start"] for each in found)


async def test_the_address_of_an_offered_time_opens_the_page_with_it_picked_and_holds_nothing(
    service: BookingService, anna: Organizer, private: dict[str, Any], visitor: Visitor
) -> None:
    made = await offered(anna, private, addressee=WHO)

    opened = await visitor.open(made["times"][1]["url"])
    before = await holds(service, anna)
    held = await visitor.submit(opened, opened.url.path, start=day(4))
    booked = await visitor.submit(held, "/confirm", **WHO)
    seen = await anna.body_of("GET", f"/offers/{made['id']}")

    assert "Continue with this time" in opened.text
    assert f'name="start" value="{day(4)}"' in opened.text
    assert [] == before
    assert "Your details" == heading(held)
    assert f'value="{WHO["name"]}"' in held.text
    assert f'value="{WHO["email"]}"' in held.text
    assert "You are booked" == heading(booked)
    assert ["expired", "booked", "expired"] == [time["state"] for time in seen["times"]]


async def test_an_offered_time_that_is_taken_shows_the_nearest_ones(
    anna: Organizer, private: dict[str, Any], visitor: Visitor, free: FreeTimesServer
) -> None:
    made = await offered(anna, private)
    free.slots.clear()
    offer(free, day(4), day(5))

    opened = await visitor.open(made["times"][0]["url"])
    held = await visitor.submit(opened, opened.url.path, start=day(5))

    assert "That time was just taken" == heading(opened)
    assert f'value="{day(4)}"' in opened.text
    assert "Your details" == heading(held)


async def test_an_address_fills_in_name_and_address_on_any_day_that_is_chosen(
    anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type()
    shown = await visitor.open(f"{kind['url']}?name=Vera+Visitor&email=vera%40visitors.example")
    another = await visitor.open(f"{kind['url']}?day={day(4)[:10]}")

    held = await visitor.choose(kind["url"], day(4), on=another)

    assert 'type="hidden" name="name" value="Vera Visitor"' in shown.text
    assert 'value="Vera Visitor"' in held.text
    assert 'value="vera@visitors.example"' in held.text


async def test_the_address_of_a_link_fills_in_answers(anna: Organizer, visitor: Visitor) -> None:
    kind = await anna.meeting_type(
        visibility="private",
        questions=[{"label": "What is it about?", "kind": "text", "required": True}],
    )
    [question], link = kind["questions"], await anna.link(kind)

    shown = await visitor.open(f"{link['url']}?answer.{question['id']}=The+bridge")
    held = await visitor.choose(link["url"], day(3), on=shown)

    assert "Your details" == heading(held)
    assert f'name="answer.{question["id"]}"' in held.text
    assert 'value="The bridge"' in held.text


@pytest.mark.parametrize(
    "query",
    [
        "start=tomorrow",
        "start=9999-12-31T23:59:59Z",
        "start=",
        "name=%00&email=x",
        "name=" + "x" * 300,
        "name=%E2%80%AEmoc",
        "name=%3Cscript%3Ealert(1)%3C/script%3E",
        "email=" + "x" * 4000,
        "answer.x=" + "y" * 4000,
        "answer.%22%3E%3Cscript%3Ealert(1)=%00",
        "place=%3Cscript%3Ealert(1)",
        "name=%ED%A0%80",
    ],
)
async def test_hostile_parameters_of_an_address_do_no_harm(
    anna: Organizer, private: dict[str, Any], visitor: Visitor, query: str
) -> None:
    link = await anna.link(private)

    shown = await visitor.open(f"{link['url']}?{query}")

    assert 200 == shown.status_code
    assert "<script>alert" not in shown.text
    assert "\u202e" not in shown.text


async def test_a_browser_holds_one_time_with_whatever_organizer_it_books(
    service: BookingService, anna: Organizer, private: dict[str, Any], visitor: Visitor
) -> None:
    bo, link = await service.organizer(), await anna.link(private)
    theirs, mine = await bo.meeting_type(), await anna.meeting_type()
    shown = await visitor.open(theirs["url"])
    await visitor.choose(theirs["url"], day(3), on=shown)

    elsewhere = await visitor.open(mine["url"])
    await visitor.choose(mine["url"], day(3), on=elsewhere)
    after_second = [await holds(service, bo), await holds(service, anna)]
    by_link = await visitor.open(link["url"])
    await visitor.choose(link["url"], day(4), on=by_link)

    assert "You are holding" in elsewhere.text
    assert [[], [day(3)]] == after_second
    assert [day(4)] == await holds(service, anna)


async def test_a_single_use_link_that_another_browser_has_pressed_is_still_booked_by_the_person(
    service: BookingService,
    anna: Organizer,
    private: dict[str, Any],
    visitor: Visitor,
    other: Visitor,
) -> None:
    link = await anna.link(private)
    await other.choose(link["url"], day(3), on=await other.open(link["url"]))
    shown = await visitor.open(link["url"])

    another_time = await visitor.choose(link["url"], day(4), on=shown)
    booked = await visitor.submit(another_time, "/confirm", **WHO)

    assert "Your details" == heading(another_time)
    assert "You are booked" == heading(booked)


async def test_the_same_time_that_a_machine_has_pressed_is_given_to_the_person(
    service: BookingService,
    anna: Organizer,
    private: dict[str, Any],
    visitor: Visitor,
    other: Visitor,
) -> None:
    link = await anna.link(private)
    pressed = await other.choose(link["url"], day(3), on=await other.open(link["url"]))
    await service.booking.rows(
        "UPDATE bookings SET created_at = created_at - make_interval(secs => %s)"
        " WHERE organizer_id = %s RETURNING id",
        UNDISTURBED_SECONDS + 1,
        anna.id,
    )

    held = await visitor.choose(link["url"], day(3), on=await visitor.open(link["url"]))
    theirs = await other.submit(pressed, "/confirm", **WHO)
    booked = await visitor.submit(held, "/confirm", **WHO)

    assert "Your details" == heading(held)
    assert (409, "The time is no longer held for you") == (theirs.status_code, heading(theirs))
    assert f'value="{WHO["name"]}"' in theirs.text  # one click holds it again
    assert "You are booked" == heading(booked)


async def test_a_person_who_needs_longer_extends_the_hold_once_and_keeps_what_was_typed(
    anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type()
    held = await visitor.choose(kind["url"], day(3), on=await visitor.open(kind["url"]))

    extended = await visitor.submit(held, "/confirm", extend="yes", name="Vera", email="ver")
    again = await visitor.submit(extended, "/confirm", extend="yes", **WHO)
    booked = await visitor.submit(again, "/confirm", **WHO)

    assert 'name="extend"' in held.text
    assert 'name="extend"' not in extended.text
    assert 'value="ver"' in extended.text
    assert "Your details" == heading(again)
    assert "You are booked" == heading(booked)


async def test_a_lost_answer_a_reload_and_a_second_tab_leave_the_form_usable(
    anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type()
    shown = await visitor.open(kind["url"])
    first = await visitor.choose(kind["url"], day(3), on=shown)
    resent = await visitor.choose(kind["url"], day(3), on=shown)  # its answer was lost
    reloaded = await visitor.open(str(resent.url.path))
    await visitor.choose(kind["url"], day(4), on=shown)  # in a second tab

    ended = await visitor.submit(reloaded, "/confirm", **WHO)
    back = await visitor.submit(ended, shown.url.path)
    booked = await visitor.submit(back, "/confirm", **WHO)
    resent_too = await visitor.submit(back, "/confirm", **WHO)

    assert first.url.path == resent.url.path
    assert "Your details" == heading(reloaded)
    assert 409 == ended.status_code
    assert f'value="{WHO["email"]}"' in back.text
    assert ["You are booked"] * 2 == [heading(booked), heading(resent_too)]
    assert 1 == (await anna.events()).count("BookingConfirmed")


async def test_the_page_of_an_addressees_link_shows_nobody_and_says_whose_address_is_missing(
    anna: Organizer, private: dict[str, Any], visitor: Visitor
) -> None:
    link = await anna.link(private, label="Case 7731", addressees=[WHO])
    shown = await visitor.open(link["url"])
    held = await visitor.choose(link["url"], day(3), on=shown)

    refused = await visitor.submit(held, "/confirm", name="M", email="m@visitors.example")
    booked = await visitor.submit(refused, "/confirm", **WHO)

    for page in (shown, held, refused):
        assert "Vera" not in page.text
        assert "vera@" not in page.text
        assert "7731" not in page.text
    assert "was sent to another address" in refused.text
    assert 'value="m@visitors.example"' in refused.text
    assert "You are booked" == heading(booked)


async def test_a_link_that_is_not_open_yet_says_so(
    anna: Organizer, private: dict[str, Any], visitor: Visitor
) -> None:
    link = await anna.link(private, not_before=day(2))

    shown = await visitor.open(link["url"])

    assert (403, "This link cannot be used yet") == (shown.status_code, heading(shown))

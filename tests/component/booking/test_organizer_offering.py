"""Pages on which an organizer books for others, offers times, and asks why one is not offered."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from contracts.capabilities import ORGANIZER_HEADER
from services.chassis.ids import new_id
from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import Visitor, browsing, offer, signed_in
from tests.component.booking.conftest import FreeTimesServer

NEW = "/organizer/bookings/new"
OFFERS = "/organizer/offers"
WHY = "/organizer/why"
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Visitor]:
    """Anna's own browser, signed in."""
    async with signed_in(anna) as client:
        yield Visitor(client)


@pytest.fixture
async def kind(anna: Organizer) -> dict[str, Any]:
    """A private meeting type of Anna's."""
    return await anna.meeting_type(title="Bridge talk", visibility="private")


def offered(kind: dict[str, Any], start: str) -> str:
    """Return the address of the week with the start in it."""
    return f"{OFFERS}/new/{kind['id']}/30?week={start[:10]}"


async def test_a_meeting_is_booked_for_somebody_else_at_a_time_that_leads_forbid(
    service: BookingService, anna: Organizer, desk: Visitor, free_times: FreeTimesServer
) -> None:
    questions = [{"id": "topic", "label": "What about?", "kind": "text", "required": True}]
    kind = await anna.meeting_type(
        min_lead_minutes=10 * 24 * 60, max_lead_minutes=20 * 24 * 60, questions=questions
    )
    offer(free_times, day(3))
    types = await desk.open(NEW)
    path = f"{NEW}/{kind['id']}/30"
    picked = await desk.open(f"{path}?day={day(3)[:10]}")
    form = await desk.open(f"{path}?start={day(3)}")
    who = {"name": "Wim Walker", "email": "wim@walkers.example", "tz": "Asia/Tokyo"}

    refused = await desk.submit(form, "/30", **who)
    booked = await desk.submit(refused, "/30", **who, **{"answer.topic": "Piers"}, language="da")
    again = await desk.submit(refused, "/30", **who, **{"answer.topic": "Piers"}, language="da")

    assert path in types.text
    assert f'value="{day(3)}"' in picked.text
    assert '<a href="/organizer/bookings/new">Another meeting type</a>' in picked.text
    assert "local time" not in picked.text
    assert ORGANIZER_HEADER.lower() in free_times.requests[0][1]
    assert 422 == refused.status_code
    assert "Please answer this question." in refused.text
    assert 'value="Wim Walker"' in refused.text
    assert "The meeting is booked" in booked.text
    assert "Piers" in booked.text
    assert booked.url.path == again.url.path
    assert 1 == (await anna.events()).count("BookingConfirmed")
    seen = await anna.body_of("GET", f"/bookings/{booked.url.path.rpartition('/')[2]}")
    assert ("Asia/Tokyo", "da") == (seen["attendee"]["time_zone"], seen["attendee"]["locale"])


async def test_a_time_that_is_lost_offers_others_and_keeps_what_was_typed(
    service: BookingService, anna: Organizer, desk: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    form = await desk.open(f"{NEW}/{kind['id']}/30?start={day(3)}")
    await service.booked(kind, day(3))
    offer(free_times, day(4))

    refused = await desk.submit(form, "/30", name="Wim", email="wim@walkers.example")
    booked = await desk.submit(
        refused, "/30", name="Wim", email="wim@walkers.example", start=day(4)
    )

    assert 409 == refused.status_code
    assert 'value="Wim"' in refused.text
    assert f'value="{day(4)}"' in refused.text
    assert "The meeting is booked" in booked.text


async def test_nothing_is_booked_while_the_page_is_turned_off(
    service: BookingService, anna: Organizer, desk: Visitor
) -> None:
    kind = await anna.meeting_type()
    form = await desk.open(f"{NEW}/{kind['id']}/30?start={day(3)}")
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"enabled": False}, If_Match="*")

    refused = await desk.submit(form, "/30", name="Wim", email="wim@walkers.example")

    assert 409 == refused.status_code
    assert 'value="wim@walkers.example"' in refused.text


async def test_times_are_offered_and_one_of_them_is_booked(
    service: BookingService,
    anna: Organizer,
    desk: Visitor,
    kind: dict[str, Any],
    free_times: FreeTimesServer,
) -> None:
    starts = [day(30, 9), day(30, 10), day(30, 11)]
    offer(free_times, *starts, day(30, 12))
    shown = await desk.open(offered(kind, starts[0]))
    boxes = {f"start.{start}": "yes" for start in starts}

    made = await desk.submit(
        shown, "/30", **boxes, name="Wim Walker", email="wim@walkers.example", hold="yes"
    )
    listed = await desk.open(OFFERS)

    assert "The times are offered" in made.text
    assert 4 == shown.text.count('name="start.')
    links = [part.partition('"')[0] for part in made.text.split('<a href="')[1:] if "/p/" in part]
    assert 3 == len(links)
    assert "Only wim@walkers.example can book" in made.text.replace("<bdi>", "").replace(
        "</bdi>", ""
    )
    assert "Wim Walker" in listed.text
    free_times.slots.clear()
    offer(free_times, *starts)
    async with browsing(service) as client:
        attendee = Visitor(client)
        chosen = await attendee.open(links[1].replace("&amp;", "&"))
        held = await attendee.choose(links[1], starts[1], on=chosen)
        booked = await attendee.submit(
            held, "/confirm", name="Wim Walker", email="wim@walkers.example"
        )
    assert 200 == booked.status_code, booked.text
    after = await desk.open(made.url.path)
    assert ">Booked<" in after.text
    assert "This offer is over" in after.text


async def test_another_week_keeps_what_is_chosen_and_offers_nothing(
    anna: Organizer, desk: Visitor, kind: dict[str, Any], free_times: FreeTimesServer
) -> None:
    offer(free_times, day(30))
    shown = await desk.open(offered(kind, day(30)))

    later = await desk.submit(
        shown, "/30", **{f"start.{day(37)}": "yes"}, name="Wim", go=day(37)[:10]
    )

    assert 200 == later.status_code
    assert f'name="start.{day(37)}" value="yes"' in later.text
    assert 'value="Wim"' in later.text
    assert "OfferMade" not in await anna.events()


async def test_an_offer_without_times_or_with_a_wrong_address_is_shown_again(
    anna: Organizer, desk: Visitor, kind: dict[str, Any], free_times: FreeTimesServer
) -> None:
    offer(free_times, day(30))
    shown = await desk.open(offered(kind, day(30)))
    box = {f"start.{day(30)}": "yes"}

    nothing = await desk.submit(shown, "/30", name="Wim", email="wim@walkers.example")
    wrong = await desk.submit(shown, "/30", **box, name="Wim", email="wim at home")
    alone = await desk.submit(shown, "/30", **box, name="Wim")
    past = await desk.submit(shown, "/30", **{f"start.{day(-3)}": "yes"})

    assert "A name needs an e-mail address." in alone.text
    assert [422, 422, 422] == [each.status_code for each in (nothing, wrong, past)]
    assert "Choose at least one time." in nothing.text
    assert 'value="wim at home"' in wrong.text
    assert f'name="start.{day(30)}" value="yes" aria-label' in wrong.text
    assert " checked" in wrong.text
    assert "too soon, too far ahead or over" in past.text
    assert "OfferMade" not in await anna.events()


async def test_a_time_that_somebody_has_meanwhile_is_marked(
    service: BookingService, anna: Organizer, desk: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(30), day(31))
    shown = await desk.open(offered(kind, day(30)))
    await service.booked(kind, day(30))

    refused = await desk.submit(
        shown, "/30", **{f"start.{day(30)}": "yes", f"start.{day(31)}": "yes"}, hold="yes"
    )

    assert 409 == refused.status_code
    assert 1 == refused.text.count('class="choice lost"')


async def test_an_offer_is_ended_once(
    anna: Organizer, desk: Visitor, kind: dict[str, Any], free_times: FreeTimesServer
) -> None:
    offer(free_times, day(30))
    shown = await desk.open(offered(kind, day(30)))
    made = await desk.submit(shown, "/30", **{f"start.{day(30)}": "yes"})
    asked = await desk.open(f"{made.url.path}/end")

    ended = await desk.submit(asked, "/end")
    again = await desk.submit(asked, "/end")

    assert "The offer has ended" in ended.text
    assert 200 == again.status_code
    assert 1 == (await anna.events()).count("OfferWithdrawn")


EXPLAINED = {
    "offered": False,
    "rules": [
        {"rule": "page_open", "passed": True, "detail": ""},
        {
            "rule": "minimum_lead",
            "passed": False,
            "detail": "",
            "since": "2030-01-07T09:00:00Z",
        },
        {
            "rule": "on_grid",
            "passed": False,
            "detail": "",
            "since": "2030-01-07T08:00:00Z",
            "minutes": 15,
        },
        {"rule": "a_new_rule", "passed": False, "detail": ""},
    ],
}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["is not offered", "too soon", "every 15 minutes", "Another rule"]),
        ("da", ["tilbydes ikke", "for tæt på", "hvert 15. minut", "En anden regel"]),
    ],
)
async def test_why_a_time_is_not_offered_is_said_rule_by_rule(
    anna: Organizer,
    desk: Visitor,
    free_times: FreeTimesServer,
    language: str,
    words: list[str],
) -> None:
    kind = await anna.meeting_type()
    free_times.explained = EXPLAINED
    query = {"type": kind["id"], "day": "2030-01-07", "time": "09:10", "lang": language}

    shown = await desk.http.get(WHY, params=query)

    assert 200 == shown.status_code
    text = shown.text.replace("<bdi>", "").replace("</bdi>", "")
    for each in words:
        assert each in text, each
    assert f'<a href="/organizer/types/{kind["id"]}?lang={language}">' in text
    assert 'action="/organizer/why#answer"' in text
    asked, headers = free_times.requests[-1]
    assert kind["id"] == asked["meeting_type_id"]
    assert "2030-01-07T09:10:00+01:00" == asked["start"]
    assert headers[ORGANIZER_HEADER.lower()].startswith("bwo_")
    assert headers[ORGANIZER_HEADER.lower()] not in shown.text


async def test_without_an_answer_the_page_says_that_it_cannot_be_said(
    anna: Organizer, desk: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    query = {"type": kind["id"], "day": "2030-01-07", "time": "09:10"}

    shown = await desk.http.get(WHY, params=query)
    wrong = await desk.http.get(WHY, params={**query, "time": "soon"})

    assert "This cannot be said right now" in shown.text
    assert 422 == wrong.status_code
    assert "Choose a day and a time" in wrong.text


async def test_types_and_offers_of_another_organizer_are_not_there(
    service: BookingService, desk: Visitor, free_times: FreeTimesServer
) -> None:
    bo = await service.organizer()
    foreign = await bo.meeting_type()
    offer(free_times, day(30))
    times = {"meeting_type_id": foreign["id"], "starts": [day(30)]}
    theirs = await bo.body_of("POST", "/offers", times)

    for path in (
        f"{NEW}/{foreign['id']}/30",
        f"{OFFERS}/new/{foreign['id']}/30",
        f"{OFFERS}/{theirs['id']}",
        f"{OFFERS}/{theirs['id']}/end",
        f"{OFFERS}/{new_id()}",
        f"{OFFERS}/no-id",
        f"{WHY}?type={foreign['id']}&day=2030-01-07&time=10:00",
    ):
        assert 404 == (await desk.open(path)).status_code, path
    async with signed_in(bo) as client:
        asked = await Visitor(client).open(f"{OFFERS}/{theirs['id']}/end")
    await desk.submit(asked, "/end")

    assert "OfferWithdrawn" not in await bo.events()


async def test_hostile_names_and_titles_are_text_on_each_page(
    anna: Organizer, desk: Visitor, free_times: FreeTimesServer
) -> None:
    questions = [{"id": "topic", "label": HOSTILE, "kind": "text", "required": False}]
    kind = await anna.meeting_type(title=HOSTILE, questions=questions)
    offer(free_times, day(30))
    shown = await desk.open(offered(kind, day(30)))
    made = await desk.submit(
        shown,
        "/30",
        **{f"start.{day(30)}": "yes"},
        name=HOSTILE,
        email="wim@walkers.example",
    )

    for path in (
        NEW,
        f"{NEW}/{kind['id']}/30",
        f"{NEW}/{kind['id']}/30?start={day(30)}",
        f"{OFFERS}/new",
        f"{OFFERS}/new/{kind['id']}/30",
        OFFERS,
        made.url.path,
        f"{made.url.path}/end",
        WHY,
    ):
        page = await desk.open(path)

        assert 200 == page.status_code, path
        assert "<script>alert" not in page.text, path
        assert "&lt;script&gt;" in page.text, path


async def test_the_token_with_which_availability_is_asked_reaches_no_page(
    anna: Organizer, desk: Visitor, kind: dict[str, Any], free_times: FreeTimesServer
) -> None:
    offer(free_times, day(3))

    for path in (f"{NEW}/{kind['id']}/30?day={day(3)[:10]}", offered(kind, day(3))):
        shown = await desk.open(path)

        assert "bwo_" not in shown.text + str(shown.headers)
    assert all(ORGANIZER_HEADER.lower() in headers for _, headers in free_times.requests)

"""The organizers' pages about bookings, in a browser without scripts, on the running service."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.chassis.ids import new_id
from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import Visitor, browsing, heading, offer, signed_in
from tests.component.booking.conftest import FreeTimesServer

BOOKINGS = "/organizer/bookings"
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Visitor]:
    """Anna's own browser, signed in."""
    async with signed_in(anna) as client:
        yield Visitor(client)


@pytest.fixture
async def kind(anna: Organizer) -> dict[str, Any]:
    """A public meeting type of Anna's."""
    return await anna.meeting_type(title="Bridge talk")


async def requested(anna: Organizer, start: str, **more: Any) -> dict[str, Any]:
    """Return a request of Vera's that waits for Anna."""
    kind = await anna.meeting_type(approval_required=True, slug=f"kind-{new_id()}"[:40], **more)
    answer = await anna.service.reserve(kind, start, attendee=vera())
    assert "requested" == answer.json()["status"], answer.text
    made: dict[str, Any] = answer.json()
    return made


def at(booking: dict[str, Any]) -> str:
    return f"{BOOKINGS}/{booking['id']}"


async def test_without_bookings_the_agenda_says_how_the_first_one_comes(desk: Visitor) -> None:
    shown = await desk.open(BOOKINGS)

    assert 200 == shown.status_code
    assert "No bookings yet" in shown.text
    assert 'href="/organizer/offers/new"' in shown.text


async def test_who_has_no_page_is_led_to_make_one(service: BookingService) -> None:
    async with signed_in(service.without_page()) as client:
        for path in ("", "/list", "/cancel-several"):
            answer = await client.get(f"{BOOKINGS}{path}", follow_redirects=False)

            assert (303, "/organizer") == (answer.status_code, answer.headers["location"])


async def test_the_agenda_has_what_waits_first_and_then_each_day_in_order(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    await service.booked(kind, day(5))
    await service.booked(kind, day(4))
    await requested(anna, day(6))
    await anna.meeting_type()

    shown = await desk.open(BOOKINGS)

    waiting, _, coming = shown.text.partition('id="coming"')
    assert "Waiting for your answer" in waiting
    assert 1 == waiting.count("/approve")
    hrefs = [part.partition('"')[0] for part in coming.split(f'href="{BOOKINGS}/')[1:]]
    assert 3 == len(hrefs), hrefs


async def test_a_request_is_approved_and_another_declined_from_the_list(
    anna: Organizer, desk: Visitor
) -> None:
    first, second = await requested(anna, day(3)), await requested(anna, day(4))
    shown = await desk.open(BOOKINGS)

    approved = await desk.submit(shown, f"{first['id']}/approve")
    declined = await desk.submit(approved, f"{second['id']}/decline", reason="Fully booked")

    assert [BOOKINGS, BOOKINGS] == [each.url.path for each in (approved, declined)]
    assert "Approved." in approved.text
    assert "Declined." in declined.text
    assert "Waiting for your answer" not in declined.text
    assert "confirmed" == (await anna.service.read(first))["status"]
    seen = await anna.service.read(second)
    assert ("declined", "Fully booked") == (seen["status"], seen["change_reason"])


async def test_search_finds_parts_of_names_addresses_and_titles(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    other = await anna.meeting_type(title="100% tunnel_review")
    await service.booked(kind, day(3))
    await service.held(other, day(4), attendee=vera(name="Zoë Zebra", email="zoe@zoo.example"))

    async def found(words: str, **more: str) -> set[str]:
        query = {"q": words, **more}
        shown = await desk.http.get(f"{BOOKINGS}/list", params=query)
        assert 200 == shown.status_code
        return {name for name in ("Vera Visitor", "Zoë Zebra") if name in shown.text}

    assert {"Vera Visitor", "Zoë Zebra"} == await found("")
    assert {"Zoë Zebra"} == await found("zebra")
    assert {"Vera Visitor"} == await found("VISITORS.example")
    assert {"Zoë Zebra"} == await found("0% tunnel_")
    assert {"Vera Visitor"} == await found("bridge")
    assert set() == await found("%%")
    assert set() == await found("zebra", time="past")
    assert {"Zoë Zebra"} == await found("zebra", time="all", status="confirmed")
    assert set() == await found("zebra", status="cancelled")


async def test_a_long_list_is_shown_page_by_page(
    service: BookingService, anna: Organizer, desk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = await anna.meeting_type()
    for number in range(5):
        await service.booked(kind, day(3 + number))
    monkeypatch.setattr("services.booking.web.organizer.bookings.ON_A_PAGE", 2)

    seen: list[str] = []
    address: str | None = f"{BOOKINGS}/list?time=all"
    pages = 0
    while address:
        shown = await desk.open(address)
        pages += 1
        seen += [part[:36] for part in shown.text.split(f'href="{BOOKINGS}/')[1:] if part[8] == "-"]
        more = shown.text.partition('<a class="button quiet" href="/organizer/bookings/list?')[2]
        query = more.partition('"')[0].replace("&amp;", "&")
        address = f"{BOOKINGS}/list?{query}" if "cursor" in query else None

    assert (3, 5, 5) == (pages, len(seen), len(set(seen)))


async def test_a_booking_says_who_when_where_and_what_has_happened(
    service: BookingService, anna: Organizer, desk: Visitor
) -> None:
    questions = [{"id": "topic", "label": "What about?", "kind": "text", "required": True}]
    kind = await anna.meeting_type(title="Bridge talk", questions=questions)
    said = [{"question_id": "topic", "value": "Rust"}]
    booked = await service.booked(kind, day(3), answers=said)

    shown = await desk.open(at(booked))
    steps = await desk.open(f"{at(booked)}/steps")

    assert "Vera Visitor" == heading(shown).removeprefix("<bdi>").removesuffix("</bdi>")
    for words in ("Bridge talk", "vera@visitors.example", "What about?", "Rust", "New York"):
        assert words in shown.text, words
    assert "was booked for" in shown.text
    for words in ("SlotReserved", "BookingConfirmed", "Nothing yet", "holding.reserve"):
        assert words in steps.text, words


async def test_a_request_is_shown_with_the_other_meetings_of_its_day(
    service: BookingService, anna: Organizer, desk: Visitor
) -> None:
    neighbour = await anna.meeting_type(title="Lunch with the mayor")
    await service.booked(neighbour, day(3, 11))
    asked = await requested(anna, day(3, 9))

    shown = await desk.open(at(asked))
    approved = await desk.submit(shown, f"{asked['id']}/approve")

    assert "Lunch with the mayor" in shown.text
    assert at(asked) == approved.url.path
    assert "Approved." in approved.text


async def test_an_answer_that_comes_too_late_says_why(anna: Organizer, desk: Visitor) -> None:
    asked = await requested(anna, day(3))
    shown = await desk.open(at(asked))
    await anna.service.manage(asked, "cancel")

    refused = await desk.submit(shown, f"{asked['id']}/approve")

    assert 409 == refused.status_code
    assert "is cancelled already" in refused.text


async def test_a_meeting_is_cancelled_once_with_its_reason(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    booked = await service.booked(kind, day(3))
    asked = await desk.open(f"{at(booked)}/cancel")
    too_long = await desk.submit(asked, "/cancel", reason="x" * 1001)
    cancelled = await desk.submit(too_long, "/cancel", reason="I am ill")
    again = await desk.submit(asked, "/cancel", reason="I am ill")

    assert (422, 200, 200) == (too_long.status_code, cancelled.status_code, again.status_code)
    assert "at most 1000" in too_long.text
    assert "x" * 1001 in too_long.text
    assert "The meeting is cancelled" in cancelled.text
    assert "I am ill" in cancelled.text
    assert 1 == (await anna.events()).count("BookingCancelled")
    assert "I am ill" == (await service.read(booked))["change_reason"]


async def test_an_attendee_is_asked_for_another_time(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    booked = await service.booked(kind, day(3))
    asked = await desk.submit(await desk.open(f"{at(booked)}/ask"), "/ask", reason="A strike")

    assert "The attendee is asked" in asked.text
    assert "Asked to move" in asked.text
    assert (await service.read(booked))["asked_to_reschedule"]


async def test_a_meeting_is_moved_to_a_time_that_leads_forbid_to_attendees(
    service: BookingService, anna: Organizer, desk: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(min_lead_minutes=30 * 24 * 60, max_lead_minutes=60 * 24 * 60)
    booked = await service.booked(kind, day(40))
    offer(free_times, day(3))

    picked = await desk.open(f"{at(booked)}/move?day={day(3)[:10]}")
    asked = await desk.open(f"{at(booked)}/move?start={day(3)}")
    moved = await desk.submit(asked, "/move", reason="Earlier is better")

    assert f'value="{day(3)}"' in picked.text
    assert "X-Organizer-Token".lower() in free_times.requests[0][1]
    assert "The meeting is moved" in moved.text
    assert day(3) == (await service.read(booked))["start"]


async def test_a_move_to_a_taken_time_says_so_and_offers_others_with_the_reason_kept(
    service: BookingService,
    anna: Organizer,
    desk: Visitor,
    kind: dict[str, Any],
    free_times: FreeTimesServer,
) -> None:
    booked = await service.booked(kind, day(3))
    await service.booked(kind, day(4))
    offer(free_times, day(5))
    asked = await desk.open(f"{at(booked)}/move?start={day(4)}")

    refused = await desk.submit(asked, "/move", reason="A train strike")
    moved = await desk.submit(refused, "/move", start=day(5), reason="A train strike")

    assert 409 == refused.status_code
    assert "Something else has that time." in refused.text
    assert "A train strike" in refused.text
    assert "The meeting is moved" in moved.text
    assert day(5) == (await service.read(booked))["start"]


async def test_a_move_that_the_calendar_rejects_names_the_rule(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    booked = await service.booked(kind, day(3))
    service.availability.rejections[anna.id] = ("inside_hours",)
    asked = await desk.open(f"{at(booked)}/move?start={day(4)}")

    refused = await desk.submit(asked, "/move")

    assert 409 == refused.status_code
    assert "outside your hours" in refused.text
    assert day(3) == (await service.read(booked))["start"]


async def test_details_are_edited_and_a_fault_keeps_what_was_typed(
    service: BookingService, anna: Organizer, desk: Visitor
) -> None:
    questions = [
        {"id": "topic", "label": "What about?", "kind": "text", "required": True},
        {"id": "lunch", "label": "Lunch?", "kind": "checkbox", "required": False},
    ]
    kind = await anna.meeting_type(questions=questions)
    said = [{"question_id": "topic", "value": "Rust"}]
    booked = await service.booked(kind, day(3), answers=said)
    form = await desk.open(f"{at(booked)}/details")

    empty = {"name": "Vera V.", "answer.topic": ""}
    refused = await desk.submit(form, "/details", **empty)
    filled = {"name": "Vera V.", "answer.topic": "Concrete", "answer.lunch": "yes"}
    saved = await desk.submit(refused, "/details", **filled)
    stale = await desk.submit(form, "/details", **{**filled, "name": "Somebody else"})

    assert 422 == refused.status_code
    assert 'value="Vera V."' in refused.text
    assert "Please answer this question." in refused.text
    assert "The details are saved" in saved.text
    assert "Concrete" in saved.text
    assert 409 == stale.status_code
    seen = await service.read(booked)
    assert "Vera V." == seen["attendee"]["name"]


async def test_several_meetings_of_a_day_are_cancelled_with_one_reason_and_once(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    booked = [await service.booked(kind, day(3, hour)) for hour in (9, 10, 11, 12, 13)]
    elsewhere = await service.booked(kind, day(4))
    shown = await desk.open(f"{BOOKINGS}/cancel-several?day={day(3)[:10]}")
    await service.manage(booked[4], "cancel")
    boxes = {f"booking.{each['id']}": "yes" for each in booked}

    none = await desk.submit(shown, "/cancel-several", reason="Ill")
    done = await desk.submit(shown, "/cancel-several", reason="I am ill", **boxes)
    again = await desk.submit(shown, "/cancel-several", reason="I am ill", **boxes)

    assert 5 == shown.text.count('name="booking.')
    assert 422 == none.status_code
    assert "Choose at least one meeting." in none.text
    assert (4, 1) == (done.text.count(">Cancelled<"), done.text.count("Was cancelled already"))
    assert 5 == again.text.count("Was cancelled already")
    assert "The meetings are cancelled" == heading(done)
    assert "close the day in each meeting type" in done.text
    assert 5 == (await anna.events()).count("BookingCancelled")
    assert "I am ill" == (await service.read(booked[0]))["change_reason"]
    assert "confirmed" == (await service.read(elsewhere))["status"]


async def test_one_that_cannot_be_cancelled_is_named_and_the_others_are(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    held, booked = await service.held(kind, day(3, 9)), await service.booked(kind, day(3, 10))
    shown = await desk.open(f"{BOOKINGS}/cancel-several?day={day(3)[:10]}")
    boxes = {f"booking.{each['id']}": "yes" for each in (held, booked)}

    done = await desk.submit(shown, "/cancel-several", **boxes)

    assert "1 of 2 meetings are cancelled" in done.text.replace("<bdi>", "").replace("</bdi>", "")
    assert "Nobody has confirmed this booking yet" in done.text
    assert "cancelled" == (await service.read(booked))["status"]


@pytest.mark.parametrize("place", ["", "/steps", "/cancel", "/ask", "/move", "/details"])
async def test_the_booking_of_another_organizer_is_not_there(
    service: BookingService, desk: Visitor, place: str
) -> None:
    bo = await service.organizer()
    foreign = await service.booked(await bo.meeting_type(), day(3))

    assert 404 == (await desk.open(f"{at(foreign)}{place}")).status_code
    assert 404 == (await desk.open(f"{BOOKINGS}/{new_id()}{place}")).status_code
    assert 404 == (await desk.open(f"{BOOKINGS}/no-id{place}")).status_code


async def test_a_box_for_the_booking_of_another_organizer_cancels_nothing(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    bo = await service.organizer()
    foreign = await service.booked(await bo.meeting_type(), day(3))
    own = await service.booked(kind, day(3))
    shown = await desk.open(f"{BOOKINGS}/cancel-several?day={day(3)[:10]}")
    boxes = {f"booking.{each['id']}": "yes" for each in (own, foreign)}

    assert 404 == (await desk.submit(shown, "/cancel-several", **boxes)).status_code
    assert "confirmed" == (await service.read(foreign))["status"]
    assert "confirmed" == (await service.read(own))["status"]


@pytest.mark.parametrize("action", ["approve", "decline", "cancel", "ask", "move", "details"])
async def test_a_form_that_was_made_for_something_else_does_nothing(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any], action: str
) -> None:
    booked = await service.booked(kind, day(3))
    before = await anna.events()
    fields = {"start": day(4), "reason": "Kept text", "name": "Other", "form": "bwf_wrong"}

    answer = await desk.http.post(f"{at(booked)}/{action}", data=fields, follow_redirects=False)
    shown = await desk.open(answer.headers["location"])

    assert 303 == answer.status_code
    assert before == await anna.events()
    assert 200 == shown.status_code


async def test_a_session_that_ended_keeps_the_reason_through_the_new_sign_in(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    booked = await service.booked(kind, day(3))
    asked = await desk.open(f"{at(booked)}/cancel")
    desk.http.base_url = "https://bookwith.example"  # what was typed is kept over https only
    async with signed_in(anna) as other:
        session = other.cookies["__Host-bw_session"]
        desk.http.cookies.set("__Host-bw_session", session)

        kept = await desk.submit(asked, "/cancel", reason="The bridge is closed")

    assert f"{at(booked)}/cancel" == kept.url.path
    assert "The bridge is closed" in kept.text
    assert "confirmed" == (await service.read(booked))["status"]


async def test_whoever_is_not_signed_in_sees_and_changes_nothing(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    booked = await service.booked(kind, day(3))
    async with browsing(service) as stranger:
        seen = await stranger.get(at(booked), follow_redirects=False)
        sent = await stranger.post(f"{at(booked)}/cancel", data={"reason": "Mine"})

    assert 303 == seen.status_code
    assert 403 == sent.status_code
    assert "confirmed" == (await service.read(booked))["status"]


async def test_hostile_names_titles_and_answers_are_text_on_each_page(
    service: BookingService, anna: Organizer, desk: Visitor
) -> None:
    questions = [{"id": "topic", "label": HOSTILE, "kind": "text", "required": True}]
    kind = await anna.meeting_type(title=HOSTILE, questions=questions)
    said = [{"question_id": "topic", "value": HOSTILE}]
    answer = await service.reserve(
        kind, day(3), attendee=vera(name=HOSTILE, email="a&b'c@visitors.example"), answers=said
    )
    booked = answer.json()
    asked = await requested(anna, day(4), title=HOSTILE)

    for path in (
        BOOKINGS,
        f"{BOOKINGS}/list?q=%3Cscript%3E",
        f"{BOOKINGS}/cancel-several?day={day(3)[:10]}",
        at(booked),
        at(asked),
        *(f"{at(booked)}/{place}" for place in ("steps", "cancel", "ask", "details")),
        f"{at(booked)}/move?start={day(5)}",
    ):
        shown = await desk.open(path)

        assert 200 == shown.status_code, path
        assert "<script>alert" not in shown.text, path
        assert "&lt;script&gt;" in shown.text, path


@pytest.mark.parametrize("language", ["da", "en"])
async def test_each_page_is_there_in_both_languages(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any], language: str
) -> None:
    booked = await service.booked(kind, day(3))
    for place in ("", "/steps", "/cancel", "/ask", "/move", "/details"):
        shown = await desk.open(f"{at(booked)}{place}?lang={language}")

        assert 200 == shown.status_code
        assert f'<html lang="{language}">' in shown.text


async def test_the_lists_take_few_round_trips_however_many_bookings_there_are(
    service: BookingService, anna: Organizer, desk: Visitor, kind: dict[str, Any]
) -> None:
    for hour in (9, 10, 11):
        await service.booked(kind, day(3, hour))
    route = {"method": "GET", "route": BOOKINGS}
    before = _trips(route)
    await desk.open(BOOKINGS)

    assert 2 == _trips(route) - before


def _trips(labels: dict[str, str]) -> float:
    return REGISTRY.get_sample_value("bookwith_request_round_trips_sum", labels) or 0

"""Confirming a held time: with availability's verdict, once, by whoever holds it."""

from typing import Any

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    pointers,
    problem,
    vera,
)
from tests.component.kafka import eventually


async def test_a_confirmed_booking_is_published_whole_and_its_attendee_on_a_topic_of_their_own(
    service: BookingService, anna: Organizer
) -> None:
    topic = {"id": "topic", "label": "What is it about?"}
    kind = await anna.meeting_type(
        location={"kind": "in_person", "address": "Bridge Street 7"}, questions=[topic]
    )
    held = await service.held(kind, day(3))
    answers = [{"question_id": "topic", "value": "The old bridge"}]

    answer = await service.manage(held, "confirm", {"attendee": vera(), "answers": answers})
    booked = answer.json()
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")).event
    recorded = (
        await service.topics.one(BOOKING_ATTENDEES, published.attendee_id, "AttendeeRecorded")
    ).event

    assert (200, "confirmed", 0) == (answer.status_code, booked["status"], booked["ics_sequence"])
    labelled = [{**answers[0], "label": "What is it about?"}]
    assert (vera(), labelled) == (booked["attendee"], booked["answers"])
    assert (None, held["manage_token"]) == (booked["hold_expires_at"], booked["manage_token"])
    assert (held["id"], held["uid"], 0) == (
        str(published.booking_id),
        published.uid,
        published.ics_sequence,
    )
    assert ("Anna (Department of Bridges)", kind["title"], "Bridge Street 7") == (
        published.organizer.display_name,
        published.title,
        published.location.address,
    )
    assert (booked["start"], booked["end"]) == (day(3), day(3, 10, 30))
    assert (held["id"], "Vera Visitor", "vera@visitors.example", "America/New_York", "en") == (
        str(recorded.booking_id),
        recorded.name,
        recorded.email,
        recorded.time_zone,
        recorded.locale,
    )
    assert [("topic", "What is it about?", "The old bridge")] == [
        (a.question_id, a.label, a.value) for a in recorded.answers
    ]


async def test_an_attendee_without_a_time_zone_gets_the_organizers(
    service: BookingService, anna: Organizer
) -> None:
    nameless = {"name": "Vera", "email": "vera@visitors.example"}

    booked = await service.held(await anna.meeting_type(), day(3), attendee=nameless)

    assert "Europe/Copenhagen" == booked["attendee"]["time_zone"]


async def test_confirming_again_returns_the_same_booking_and_adds_no_event(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    before = await anna.events()

    again = await service.manage(booked, "confirm", {"attendee": vera(locale="da")})

    assert (200, booked) == (again.status_code, again.json())
    assert before == await anna.events()


async def test_an_organizer_confirms_for_a_visitor(
    service: BookingService, anna: Organizer
) -> None:
    held = await service.held(await anna.meeting_type(), day(3))

    booked = await anna.body_of("POST", f"/bookings/{held['id']}/confirm", {"attendee": vera()})

    assert "confirmed" == booked["status"]


async def test_a_confirmation_waits_for_a_pending_verdict(
    service: BookingService, anna: Organizer
) -> None:
    service.availability.silent.add(anna.id)
    held = await service.held(await anna.meeting_type(), day(3), wait=False)
    reserved = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")

    await service.availability.answer(reserved)
    answer = await service.manage(held, "confirm", {"attendee": vera()})

    assert "pending" == held["verdict"]
    assert (200, "confirmed", "accepted") == (
        answer.status_code,
        answer.json()["status"],
        answer.json()["verdict"],
    )


async def test_a_pending_booking_is_not_stored_under_its_key_so_the_same_key_confirms_it_later(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    kind, name = await anna.meeting_type(), key()
    service.availability.silent.add(anna.id)

    first = await no_waiting.reserve(kind, day(3), key=name, attendee=vera())
    second = await no_waiting.reserve(kind, day(3), key=name, attendee=vera())
    await service.availability.answer(
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")
    )
    third = await service.reserve(kind, day(3), key=name, attendee=vera())
    fourth = await service.reserve(kind, day(3), key=name, attendee=vera())

    assert [202, 202, 201, 201] == [a.status_code for a in (first, second, third, fourth)]
    assert ("held", "pending", "1") == (
        first.json()["status"],
        first.json()["verdict"],
        first.headers["retry-after"],
    )
    assert first.json()["id"] == third.json()["id"]
    assert "confirmed" == third.json()["status"]
    assert ["idempotent-replayed" in a.headers for a in (first, second, third, fourth)] == [
        False,
        False,
        False,
        True,
    ]
    assert ["SlotReserved", "BookingConfirmed"] == (await anna.events())[-2:]


async def test_a_pending_confirmation_is_answered_202_and_can_be_asked_for_again(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    service.availability.silent.add(anna.id)
    held = await service.held(await anna.meeting_type(), day(3), wait=False)

    pending = await no_waiting.manage(held, "confirm", {"attendee": vera()})
    await service.availability.answer(
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")
    )
    confirmed = await service.manage(held, "confirm", {"attendee": vera()})

    assert (202, "held") == (pending.status_code, pending.json()["status"])
    assert (200, "confirmed") == (confirmed.status_code, confirmed.json()["status"])


async def test_a_hold_that_is_rejected_while_the_form_is_filled_cannot_be_confirmed(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)
    service.availability.silent.add(anna.id)
    held = await service.held(kind, day(3), token=link["token"], wait=False)

    await service.availability.answer(
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved"), "free"
    )
    await service.topics.one(BOOKING_EVENTS, anna.id, "LinkUseReturned")
    answer = await service.manage(held, "confirm", {"attendee": vera()})

    assert (409, "slot-not-offered") == problem(answer)
    assert ["free"] == answer.json()["reasons"]
    seen = await service.read(held)
    assert ("released", "rejected", "rejected") == (
        seen["status"],
        seen["release_reason"],
        seen["verdict"],
    )
    assert "active" == (await anna.read_link(link))["state"]


async def test_every_fault_of_an_attendee_is_named_at_once(
    service: BookingService, anna: Organizer
) -> None:
    held = await service.held(await anna.meeting_type(), day(3))
    faulty = {"name": "a\nBcc: b", "email": "not an address", "locale": "?"}

    answer = await service.manage(held, "confirm", {"attendee": faulty})
    missing = await service.manage(held, "confirm", {})

    assert {"#/attendee/name", "#/attendee/email", "#/attendee/locale"} == pointers(answer)
    assert {"#/attendee"} == pointers(missing)
    assert "held" == (await service.read(held))["status"]


async def test_a_released_time_is_free_and_cannot_be_confirmed(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    held = await service.held(kind, day(3))

    released = await service.manage(held, "release")
    again = await service.manage(held, "release")
    confirmed = await service.manage(held, "confirm", {"attendee": vera()})

    assert (200, "released", "released") == (
        released.status_code,
        released.json()["status"],
        released.json()["release_reason"],
    )
    assert (200, released.json()) == (again.status_code, again.json())
    assert (409, "hold-over") == problem(confirmed)
    assert 1 == (await anna.events()).count("SlotReleased")
    await service.booked(kind, day(3))


async def test_a_confirmed_booking_cannot_be_released_and_a_held_one_cannot_be_moved_or_cancelled(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked, held = await service.booked(kind, day(3)), await service.held(kind, day(4))

    refused = [
        await service.manage(booked, "release"),
        await service.manage(held, "cancel"),
        await service.manage(held, "reschedule", {"start": day(5)}),
        await service.call("GET", f"/bookings/{held['id']}/invite.ics", headers=_token(held)),
    ]

    assert [(409, "state-conflict")] * 4 == [problem(each) for each in refused]


async def test_the_calendar_file_has_the_current_state_of_the_booking(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    address = f"/bookings/{booked['id']}/invite.ics"

    request = await service.call("GET", address, headers=_token(booked))
    await service.manage(booked, "cancel", {"reason": "The train"})
    cancelled = await service.call("GET", address, headers=_token(booked))
    organizers = await service.call("GET", address, headers=anna.headers)

    assert request.headers["content-type"].startswith("text/calendar")
    shown = _lines(request.text)
    assert {"METHOD:PUBLISH", f"UID:{booked['uid']}", "SEQUENCE:0", "STATUS:CONFIRMED"} <= shown
    assert any(f"/m/{booked['manage_token']}" in line for line in shown)
    assert {"METHOD:PUBLISH", "SEQUENCE:1", "STATUS:CANCELLED"} <= _lines(cancelled.text)
    (attendees_words,) = (
        line for line in _lines(cancelled.text) if line.startswith("DESCRIPTION:")
    )
    (organizers_words,) = (
        line for line in _lines(organizers.text) if line.startswith("DESCRIPTION:")
    )
    assert "The train" not in attendees_words  # their own words
    assert "har aflyst jeres møde." in organizers_words
    assert "Begrundelse: The train" in organizers_words
    assert booked["manage_token"] not in organizers.text.replace("\r\n ", "")


async def test_the_colour_of_a_type_is_carried_to_event_and_calendar_file_and_stays(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(colour="#0b8043", title="Sea view")
    booked = await service.booked(kind, day(3))
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")).event
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"colour": None})
    await service.booked(kind, day(4))
    second = await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed", 2)

    file = await service.call("GET", f"/bookings/{booked['id']}/invite.ics", headers=_token(booked))

    assert ("#0b8043", None) == (event.colour, second.event.colour)
    assert {"CATEGORIES:Sea view", "COLOR:seagreen"} <= _lines(file.text)


def _lines(file: str) -> set[str]:
    return set(file.replace("\r\n ", "").split("\r\n"))


async def test_a_booking_without_its_erased_attendee_has_no_calendar_file(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    await service.booking.rows(
        "DELETE FROM attendees WHERE booking_id = %s RETURNING 1", booked["id"]
    )

    answer = await service.call(
        "GET", f"/bookings/{booked['id']}/invite.ics", headers=_token(booked)
    )

    assert (409, "state-conflict") == problem(answer)
    assert None is (await service.read(booked))["attendee"]


async def test_a_second_verdict_on_a_confirmed_booking_changes_nothing(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    before = await anna.events()

    await service.availability.answer(
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved"), "free"
    )

    async def applied() -> bool:
        rows = await service.booking.rows(
            "SELECT accepted FROM verdicts WHERE booking_id = %s", booked["id"]
        )
        return not rows[0]["accepted"]

    await eventually(applied)
    assert before == await anna.events()
    assert "confirmed" == (await service.read(booked))["status"]


def _token(booking: dict[str, Any]) -> dict[str, str]:
    return {"X-Manage-Token": booking["manage_token"]}

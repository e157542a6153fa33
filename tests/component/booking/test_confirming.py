"""Confirming a held time: with availability's verdict, once, by whoever holds it."""

from typing import Any

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from tests.component.booking.office import Office, Organizer, day, key, pointers, problem, vera
from tests.component.kafka import eventually


async def test_a_confirmed_booking_is_told_whole_and_its_attendee_apart(
    office: Office, anna: Organizer
) -> None:
    kind = await anna.meeting_type(location={"kind": "in_person", "address": "Bridge Street 7"})
    held = await office.held(kind, day(3))
    answers = [{"question_id": "topic", "value": "The old bridge"}]

    answer = await office.manage(held, "confirm", {"attendee": vera(), "answers": answers})
    booked = answer.json()
    told = (await office.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")).event
    recorded = (
        await office.topics.one(BOOKING_ATTENDEES, told.attendee_id, "AttendeeRecorded")
    ).event

    assert (200, "confirmed", 0) == (answer.status_code, booked["status"], booked["ics_sequence"])
    assert (vera(), answers) == (booked["attendee"], booked["answers"])
    assert (None, held["manage_token"]) == (booked["hold_expires_at"], booked["manage_token"])
    assert (held["id"], held["uid"], 0) == (str(told.booking_id), told.uid, told.ics_sequence)
    assert ("Anna (Department of Bridges)", kind["title"], "Bridge Street 7") == (
        told.organizer.display_name,
        told.title,
        told.location.address,
    )
    assert (booked["start"], booked["end"]) == (day(3), day(3, 10, 30))
    assert (held["id"], "Vera Visitor", "vera@visitors.example", "America/New_York", "en") == (
        str(recorded.booking_id),
        recorded.name,
        recorded.email,
        recorded.time_zone,
        recorded.locale,
    )
    assert [("topic", "The old bridge")] == [(a.question_id, a.value) for a in recorded.answers]


async def test_an_attendee_who_names_no_zone_gets_the_organizers(
    office: Office, anna: Organizer
) -> None:
    nameless = {"name": "Vera", "email": "vera@visitors.example"}

    booked = await office.held(await anna.meeting_type(), day(3), attendee=nameless)

    assert "Europe/Copenhagen" == booked["attendee"]["time_zone"]


async def test_to_confirm_again_is_the_same_booking_and_no_event(
    office: Office, anna: Organizer
) -> None:
    booked = await office.booked(await anna.meeting_type(), day(3))
    before = await anna.events()

    again = await office.manage(booked, "confirm", {"attendee": vera(name="Somebody Else")})

    assert (200, booked) == (again.status_code, again.json())
    assert before == await anna.events()


async def test_an_organizer_confirms_for_a_visitor(office: Office, anna: Organizer) -> None:
    held = await office.held(await anna.meeting_type(), day(3))

    booked = await anna.has("POST", f"/bookings/{held['id']}/confirm", {"attendee": vera()})

    assert "confirmed" == booked["status"]


async def test_a_verdict_that_is_not_there_yet_is_waited_for(
    office: Office, anna: Organizer
) -> None:
    office.availability.silent.add(anna.id)
    held = await office.held(await anna.meeting_type(), day(3), wait=False)
    reserved = await office.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")

    await office.availability.answer(reserved)
    answer = await office.manage(held, "confirm", {"attendee": vera()})

    assert "pending" == held["verdict"]
    assert (200, "confirmed", "accepted") == (
        answer.status_code,
        answer.json()["status"],
        answer.json()["verdict"],
    )


async def test_a_pending_one_call_booking_is_not_remembered_and_the_same_key_confirms_it_later(
    office: Office, impatient: Office, anna: Organizer
) -> None:
    kind, name = await anna.meeting_type(), key()
    office.availability.silent.add(anna.id)

    first = await impatient.reserve(kind, day(3), key=name, attendee=vera())
    second = await impatient.reserve(kind, day(3), key=name, attendee=vera())
    await office.availability.answer(
        await office.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")
    )
    third = await office.reserve(kind, day(3), key=name, attendee=vera())
    fourth = await office.reserve(kind, day(3), key=name, attendee=vera())

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
    office: Office, impatient: Office, anna: Organizer
) -> None:
    office.availability.silent.add(anna.id)
    held = await office.held(await anna.meeting_type(), day(3), wait=False)

    pending = await impatient.manage(held, "confirm", {"attendee": vera()})
    await office.availability.answer(
        await office.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")
    )
    confirmed = await office.manage(held, "confirm", {"attendee": vera()})

    assert (202, "held") == (pending.status_code, pending.json()["status"])
    assert (200, "confirmed") == (confirmed.status_code, confirmed.json()["status"])


async def test_a_hold_that_is_rejected_while_the_form_is_filled_cannot_be_confirmed(
    office: Office, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)
    office.availability.silent.add(anna.id)
    held = await office.held(kind, day(3), token=link["token"], wait=False)

    await office.availability.answer(
        await office.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved"), "free"
    )
    await office.topics.one(BOOKING_EVENTS, anna.id, "LinkUseReturned")
    answer = await office.manage(held, "confirm", {"attendee": vera()})

    assert (409, "slot-not-offered") == problem(answer)
    assert ["free"] == answer.json()["reasons"]
    seen = await office.see(held)
    assert ("released", "rejected", "rejected") == (
        seen["status"],
        seen["release_reason"],
        seen["verdict"],
    )
    assert "active" == (await anna.seen_link(link))["state"]


async def test_every_fault_of_an_attendee_is_named_at_once(office: Office, anna: Organizer) -> None:
    held = await office.held(await anna.meeting_type(), day(3))
    faulty = {"name": "a\nBcc: b", "email": "not an address", "locale": "?"}

    answer = await office.manage(held, "confirm", {"attendee": faulty})
    nobody = await office.manage(held, "confirm", {})

    assert {"#/attendee/name", "#/attendee/email", "#/attendee/locale"} == pointers(answer)
    assert {"#/attendee"} == pointers(nobody)
    assert "held" == (await office.see(held))["status"]


async def test_a_released_hold_is_free_and_over(office: Office, anna: Organizer) -> None:
    kind = await anna.meeting_type()
    held = await office.held(kind, day(3))

    released = await office.manage(held, "release")
    again = await office.manage(held, "release")
    confirmed = await office.manage(held, "confirm", {"attendee": vera()})

    assert (200, "released", "released") == (
        released.status_code,
        released.json()["status"],
        released.json()["release_reason"],
    )
    assert (200, released.json()) == (again.status_code, again.json())
    assert (409, "hold-over") == problem(confirmed)
    assert 1 == (await anna.events()).count("SlotReleased")
    await office.booked(kind, day(3))


async def test_a_confirmed_booking_is_not_released_and_a_held_one_is_neither_moved_nor_cancelled(
    office: Office, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked, held = await office.booked(kind, day(3)), await office.held(kind, day(4))

    refused = [
        await office.manage(booked, "release"),
        await office.manage(held, "cancel"),
        await office.manage(held, "reschedule", {"start": day(5)}),
        await office.call("GET", f"/bookings/{held['id']}/invite.ics", headers=_token(held)),
    ]

    assert [(409, "state-conflict")] * 4 == [problem(each) for each in refused]


async def test_the_calendar_file_is_the_booking_as_it_stands(
    office: Office, anna: Organizer
) -> None:
    booked = await office.booked(await anna.meeting_type(), day(3))
    address = f"/bookings/{booked['id']}/invite.ics"

    request = await office.call("GET", address, headers=_token(booked))
    await office.manage(booked, "cancel")
    cancel = await office.call("GET", address, headers=_token(booked))

    assert request.headers["content-type"].startswith("text/calendar")
    assert "METHOD:REQUEST" in request.text
    assert f"UID:{booked['uid']}" in request.text.replace("\r\n ", "")
    assert "SEQUENCE:0" in request.text
    assert {"METHOD:CANCEL", "SEQUENCE:1", "STATUS:CANCELLED"} <= set(cancel.text.split("\r\n"))


async def test_there_is_no_calendar_file_of_an_erased_attendee(
    office: Office, anna: Organizer
) -> None:
    booked = await office.booked(await anna.meeting_type(), day(3))
    await office.booking.rows(
        "DELETE FROM attendees WHERE booking_id = %s RETURNING 1", booked["id"]
    )

    answer = await office.call(
        "GET", f"/bookings/{booked['id']}/invite.ics", headers=_token(booked)
    )

    assert (409, "state-conflict") == problem(answer)
    assert None is (await office.see(booked))["attendee"]


async def test_a_verdict_that_comes_again_changes_nothing(office: Office, anna: Organizer) -> None:
    booked = await office.booked(await anna.meeting_type(), day(3))
    before = await anna.events()

    await office.availability.answer(
        await office.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved"), "free"
    )

    async def applied() -> bool:
        rows = await office.booking.rows(
            "SELECT accepted FROM verdicts WHERE booking_id = %s", booked["id"]
        )
        return not rows[0]["accepted"]

    await eventually(applied)
    assert before == await anna.events()
    assert "confirmed" == (await office.see(booked))["status"]


def _token(booking: dict[str, Any]) -> dict[str, str]:
    return {"X-Manage-Token": booking["manage_token"]}

"""What the administrators' policy does to a page, its holds, its links and its bookings."""

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.office import Office, Organizer, day, problem, vera
from tests.component.kafka import eventually


async def test_access_that_is_withdrawn_closes_the_page_and_releases_every_hold(
    office: Office, impatient: Office, anna: Organizer
) -> None:
    kind, private = await anna.meeting_type(), await anna.meeting_type(visibility="private")
    link = await anna.link(private)
    booked = await office.booked(kind, day(3))
    held = await office.held(kind, day(4))
    linked = await office.held(private, day(5), token=link["token"])
    office.availability.silent.add(anna.id)
    await impatient.manage(booked, "reschedule", {"start": day(6)})

    await office.withdraw(anna)
    await office.topics.kinds(BOOKING_EVENTS, anna.id, "SlotReleased", times=3)

    page = await anna.has("GET", "/page")
    assert (True, False, "ews_enabled") == (
        page["published"],
        page["available"],
        page["denied_by"],
    )
    refused = [
        await office.call("GET", f"/public/pages/{anna.identity}"),
        await office.call("GET", f"/public/meeting-types/{kind['id']}"),
        await office.reserve(kind, day(7)),
        await office.manage(held, "confirm", {"attendee": vera()}),
        await office.manage(booked, "reschedule", {"start": day(7)}),
    ]
    assert [(404, "not-available")] * 5 == [problem(answer) for answer in refused]
    asleep = await office.reserve(private, day(7), token=link["token"])
    assert (403, "not-available") == problem(asleep)
    assert "active" == (await anna.seen_link(link))["state"]
    for each in (held, linked):
        assert "policy_disabled" == (await office.see(each))["release_reason"]
    kept = await office.see(booked)
    assert (day(3), None) == (kept["start"], kept["pending_move"])
    released = [
        received.event
        for received in office.topics.of(BOOKING_EVENTS, anna.id)
        if received.kind == "SlotReleased"
    ]
    assert {("policy_disabled", "new"), ("policy_disabled", "reschedule")} == {
        (each.reason, each.purpose) for each in released
    }


async def test_a_booking_is_cancelled_by_its_token_while_the_page_is_denied(
    office: Office, anna: Organizer
) -> None:
    booked = await office.booked(await anna.meeting_type(), day(3))
    await office.withdraw(anna)
    await office.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    cancelled = await office.manage(booked, "cancel")

    assert (200, "cancelled") == (cancelled.status_code, cancelled.json()["status"])


async def test_access_that_is_granted_again_opens_the_page_again(
    office: Office, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    await office.withdraw(anna)
    await office.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    await office.grant(anna)
    await office.topics.one(BOOKING_EVENTS, anna.id, "PageAllowed", number=2)

    assert await anna.has("GET", "/page") | {"available": True, "denied_by": None} == (
        await anna.has("GET", "/page")
    )
    await office.booked(kind, day(3))


async def test_an_accepted_move_is_not_made_under_a_policy_that_has_come_to_deny(
    office: Office, impatient: Office, anna: Organizer
) -> None:
    booked = await office.booked(await anna.meeting_type(), day(3))
    office.availability.silent.add(anna.id)
    await impatient.manage(booked, "reschedule", {"start": day(4)})
    await office.withdraw(anna)
    await office.topics.one(BOOKING_EVENTS, anna.id, "SlotReleased")

    await office.availability.answer(
        await office.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", 2)
    )

    async def consumed() -> bool:
        query = "SELECT 1 FROM verdicts WHERE booking_id = %s AND accepted"
        return len(await office.booking.rows(query, booked["id"])) == 2

    await eventually(consumed)
    assert day(3) == (await office.see(booked))["start"]


async def test_a_denied_organizer_still_works_on_the_page(office: Office, anna: Organizer) -> None:
    await office.withdraw(anna)
    await office.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    kind = await anna.meeting_type()
    changed = await anna.has("PUT", "/page", {**anna.profile, "display_name": "Anna"})

    assert ("Anna", False) == (changed["display_name"], changed["available"])
    assert (404, "not-available") == problem(await office.reserve(kind, day(3)))

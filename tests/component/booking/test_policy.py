"""What the administrators' policy does to a page, its holds, its links and its bookings."""

from contracts.policy import AccessGranted, AccessWithdrawn
from contracts.topics import BOOKING_EVENTS, POLICY_EVENTS, dead_letter_topic
from services.chassis.ids import new_id
from tests.component.booking.booking_service import BookingService, Organizer, day, problem, vera
from tests.component.kafka import eventually


async def test_withdrawn_access_closes_the_page_and_releases_every_hold(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    kind, private = await anna.meeting_type(), await anna.meeting_type(visibility="private")
    link = await anna.link(private)
    booked = await service.booked(kind, day(3))
    held = await service.held(kind, day(4))
    linked = await service.held(private, day(5), token=link["token"])
    service.availability.silent.add(anna.id)
    await no_waiting.manage(booked, "reschedule", {"start": day(6)})

    await service.withdraw(anna)
    await service.topics.kinds(BOOKING_EVENTS, anna.id, "SlotReleased", times=3)

    page = await anna.body_of("GET", "/page")
    assert (True, False, "ews_enabled") == (
        page["published"],
        page["available"],
        page["denied_by"],
    )
    refused = [
        await service.call("GET", f"/public/pages/{anna.identity}"),
        await service.call("GET", f"/public/meeting-types/{kind['id']}"),
        await service.reserve(kind, day(7)),
        await service.manage(held, "confirm", {"attendee": vera()}),
        await service.manage(booked, "reschedule", {"start": day(7)}),
    ]
    assert [(404, "not-available")] * 5 == [problem(answer) for answer in refused]
    suspended = await service.reserve(private, day(7), token=link["token"])
    assert (403, "not-available") == problem(suspended)
    assert "active" == (await anna.read_link(link))["state"]
    for each in (held, linked):
        assert "policy_disabled" == (await service.read(each))["release_reason"]
    kept = await service.read(booked)
    assert (day(3), None) == (kept["start"], kept["pending_move"])
    released = [
        received.event
        for received in service.topics.of(BOOKING_EVENTS, anna.id)
        if received.kind == "SlotReleased"
    ]
    assert {("policy_disabled", "new"), ("policy_disabled", "reschedule")} == {
        (each.reason, each.purpose) for each in released
    }


async def test_an_attendee_can_cancel_while_the_policy_denies_the_page(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    await service.withdraw(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    cancelled = await service.manage(booked, "cancel")

    assert (200, "cancelled") == (cancelled.status_code, cancelled.json()["status"])


async def test_access_granted_again_opens_the_page_again(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    await service.withdraw(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    await service.grant(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageAllowed", number=2)

    assert await anna.body_of("GET", "/page") | {"available": True, "denied_by": None} == (
        await anna.body_of("GET", "/page")
    )
    await service.booked(kind, day(3))


async def test_an_accepted_move_is_not_made_when_the_policy_has_denied_the_page(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    service.availability.silent.add(anna.id)
    await no_waiting.manage(booked, "reschedule", {"start": day(4)})
    await service.withdraw(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReleased")

    await service.availability.answer(
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", 2)
    )

    async def consumed() -> bool:
        query = "SELECT 1 FROM verdicts WHERE booking_id = %s AND accepted"
        return len(await service.booking.rows(query, booked["id"])) == 2

    await eventually(consumed)
    assert day(3) == (await service.read(booked))["start"]


async def test_a_denied_organizer_can_still_change_the_page(
    service: BookingService, anna: Organizer
) -> None:
    await service.withdraw(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    kind = await anna.meeting_type()
    changed = await anna.body_of("PUT", "/page", {**anna.profile, "time_zone_locked": True})

    assert (True, False) == (changed["time_zone_locked"], changed["available"])
    assert (404, "not-available") == problem(await service.reserve(kind, day(3)))


async def test_a_withdrawal_closes_the_page_also_when_foreign_records_came_before_it(
    service: BookingService, anna: Organizer
) -> None:
    granted = AccessGranted(user_id=anna.id, rule="ews_enabled", decided_by="default")
    withdrawn = AccessWithdrawn(user_id=anna.id, rule="ews_enabled", decided_by="organization")
    other = granted.model_copy(update={"user_id": new_id()})
    await service.withdraw(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")
    # Under anna's key with another body; far ahead; broken; then a true one.
    key_of_anna = service.other_services.envelope(granted)
    await service.other_services.send(granted, key_of_anna, other.model_dump_json().encode())
    service.other_services.forget_last(granted)
    await service.other_services.publish(granted, sequence=999_999_999_999)
    page = await anna.body_of("GET", "/page")
    await service.other_services.publish(granted)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageAllowed")
    broken = service.other_services.envelope(granted)
    await service.other_services.send(granted, broken, b'{"rule": 7}')
    await service.other_services.publish(withdrawn)
    await service.topics.kinds(BOOKING_EVENTS, anna.id, "PageDenied", times=2)
    reasons = {
        each.header("dlt_reason")
        for each in await service.topics.until(
            dead_letter_topic(POLICY_EVENTS, "booking"), anna.id, lambda found: len(found) == 4
        )
    }

    assert page["available"] is False
    assert reasons == {"contradiction", "jump", "invalid", "behind"}

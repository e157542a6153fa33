"""What the administrators' policy does to a page, its holds, its links and its bookings."""

from contracts.policy import (
    AccessGranted,
    AccessWithdrawn,
    OrganizationPolicyChanged,
    OrganizationSettings,
    PolicyApplied,
)
from contracts.topics import BOOKING_EVENTS, POLICY_EVENTS, dead_letter_topic
from services.booking.page.policy_versions import BOUND_SECONDS
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


def announced(version: int, *, closes_all: bool) -> OrganizationPolicyChanged:
    settings = OrganizationSettings(ews_enabled=not closes_all, mode="both_must_allow")
    return OrganizationPolicyChanged(
        before=settings,
        after=settings,
        by="ada",
        reason="A pilot",
        policy_version=version,
        closes_all=closes_all,
    )


async def test_nothing_is_booked_from_the_announcement_that_closes_all_pages_until_another_one(
    service: BookingService, anna: Organizer
) -> None:
    kind, private = await anna.meeting_type(), await anna.meeting_type(visibility="private")
    link = await anna.link(private)
    held, booked = await service.held(kind, day(3)), await service.booked(kind, day(4))
    [version] = await _newest_version(service)

    await service.other_services.publish(announced(version + 1, closes_all=True))
    await _until_announced(service, version + 1)
    refused = [
        await service.reserve(kind, day(5)),
        await service.manage(held, "confirm", {"attendee": vera()}),
        await service.manage(booked, "reschedule", {"start": day(5)}),
    ]
    hidden = [
        await service.call("GET", f"/public/pages/{anna.identity}"),
        await service.call("GET", f"/public/meeting-types/{kind['id']}"),
    ]
    behind_link = await service.call("GET", f"/public/links/{link['token']}")
    through_link = await service.reserve(private, day(5), token=link["token"])
    cancelled = await service.manage(booked, "cancel")
    await service.other_services.publish(PolicyApplied(policy_version=version + 1))
    await _until_applied(service, version + 1)
    still_refused = await service.manage(held, "confirm", {"attendee": vera()})
    await service.other_services.publish(announced(version + 2, closes_all=False))
    await _until_announced(service, version + 2)
    confirmed = await service.manage(held, "confirm", {"attendee": vera()})
    await service.other_services.publish(PolicyApplied(policy_version=version + 2))
    await _until_applied(service, version + 2)

    assert (404, "not-available") == problem(still_refused)
    assert [(404, "not-available")] * 3 == [problem(answer) for answer in refused]
    assert [(404, "not-available")] * 2 == [problem(answer) for answer in hidden]
    assert (403, "not-available") == problem(through_link) == problem(behind_link)
    assert (200, 200) == (cancelled.status_code, confirmed.status_code)


async def test_a_change_that_may_close_a_page_is_waited_for_no_longer_than_the_bound(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    [version] = await _newest_version(service)

    await service.other_services.publish(announced(version + 1, closes_all=False))
    await _until_announced(service, version + 1)
    within = await service.held(kind, day(3))
    await service.booking.rows(
        "UPDATE policy_versions SET announced_at = announced_at - %s * interval '1 second'"
        " RETURNING announced",
        BOUND_SECONDS,
    )
    beyond = await service.manage(within, "confirm", {"attendee": vera()})
    await service.other_services.publish(PolicyApplied(policy_version=version + 1))
    await _until_applied(service, version + 1)
    after = await service.manage(within, "confirm", {"attendee": vera()})

    assert (404, "not-available") == problem(beyond)
    assert 200 == after.status_code


async def test_an_announcement_of_before_there_were_versions_stops_nothing(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    before = await _newest_version(service)
    old = announced(1, closes_all=True).model_copy(update={"policy_version": None})
    await service.other_services.publish(old)
    await service.withdraw(anna)
    await service.grant(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageAllowed", number=2)

    await service.booked(kind, day(3))
    assert before == await _newest_version(service)


async def _newest_version(service: BookingService) -> list[int]:
    rows = await service.booking.rows("SELECT announced FROM policy_versions")
    return [row["announced"] for row in rows] or [0]


async def _until_announced(service: BookingService, version: int) -> None:
    async def is_announced() -> bool:
        return await _newest_version(service) == [version]

    await eventually(is_announced, "the announcement")


async def _until_applied(service: BookingService, version: int) -> None:
    async def is_applied() -> bool:
        query = "SELECT 1 FROM policy_versions WHERE applied = %s"
        return len(await service.booking.rows(query, version)) == 1

    await eventually(is_applied, "the end of the run")

"""Booking on real Kafka: what it makes of each kind of record of its two neighbours."""

import re

from contracts.policy import AccessGranted, AccessWithdrawn, OrganizationPolicyChanged
from contracts.topics import AVAILABILITY_EVENTS, BOOKING_EVENTS, POLICY_EVENTS, dead_letter_topic
from services.chassis.ids import new_id
from tests.component.booking.booking_service import BookingService, Organizer, day, vera, verdict
from tests.component.kafka import eventually
from tests.component.running import LOGGED

VERDICTS_DLT = dead_letter_topic(AVAILABILITY_EVENTS, "booking")
POLICY_DLT = dead_letter_topic(POLICY_EVENTS, "booking")


def granted(organizer: Organizer) -> AccessGranted:
    return AccessGranted(user_id=organizer.id, rule="ews_enabled", decided_by="user")


def withdrawn(organizer: Organizer) -> AccessWithdrawn:
    return AccessWithdrawn(user_id=organizer.id, rule="ews_enabled", decided_by="user")


async def test_an_event_names_the_consumed_event_as_its_cause(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    service.availability.silent.add(anna.id)
    await service.manage(booked, "reschedule", {"start": day(4)}, Prefer="respond-async")
    reserved = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", number=2)

    [sent] = await service.other_services.publish(
        verdict(reserved.event),
        correlation_id=reserved.header("ce_correlationid"),
        causation_id=reserved.header("ce_id"),
    )
    moved = await service.topics.one(BOOKING_EVENTS, anna.id, "BookingRescheduled")

    assert (sent.id, sent.correlation_id) == (
        moved.header("ce_causationid"),
        moved.header("ce_correlationid"),
    )


async def test_an_event_delivered_again_later_does_not_undo_newer_events(
    service: BookingService, anna: Organizer
) -> None:
    first, second = granted(anna), withdrawn(anna)
    [old, _] = await service.other_services.publish(first, second)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    for _ in range(3):
        await service.other_services.send(first, old, first.model_dump_json().encode())
    await service.other_services.publish(granted(anna))
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageAllowed", number=2)

    assert ["PageDenied", "PageAllowed"] == (await anna.events())[-2:]


async def test_a_rejection_delivered_three_times_returns_one_use_of_the_link(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind, max_uses=2)
    service.availability.silent.add(anna.id)
    await service.held(kind, day(3), token=link["token"], wait=False)
    await service.held(kind, day(4), token=link["token"], wait=False)
    one, other = [
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", n) for n in (1, 2)
    ]
    rejected = verdict(one.event, "free")

    cause = {"causation_id": one.header("ce_id")}
    [sent] = await service.other_services.publish(rejected, **cause)
    for _ in range(2):
        await service.other_services.send(rejected, sent, rejected.model_dump_json().encode())
    await service.availability.answer(other, "free")
    await service.topics.one(BOOKING_EVENTS, anna.id, "LinkUseReturned", number=2)

    assert 2 == (await anna.events()).count("SlotReleased")
    assert 2 == (await anna.events()).count("LinkUseReturned")


async def test_an_event_of_an_unknown_type_is_skipped(
    service: BookingService, anna: Organizer
) -> None:
    event = granted(anna)
    unknown = service.other_services.envelope(event, type="io.bookwith.policy.AccessPraised.v1")
    uninteresting = OrganizationPolicyChanged.model_validate(
        {
            "by": str(new_id()),
            "reason": "A test",
            "before": {"ews_enabled": None, "mode": "both_must_allow"},
            "after": {"ews_enabled": True, "mode": "both_must_allow"},
        }
    )

    await service.other_services.send(event, unknown, b'{"praise": 7}')
    await service.other_services.publish(uninteresting, withdrawn(anna))
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    assert [] == service.topics.of(POLICY_DLT, anna.id)


async def test_a_gap_in_a_sequence_is_counted_and_the_next_event_is_applied(
    service: BookingService, anna: Organizer
) -> None:
    before = await _gaps(service)
    event = withdrawn(anna)

    await service.other_services.publish(event, sequence=7)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")

    assert before + 1 == await _gaps(service)


async def test_a_poison_record_becomes_a_dead_letter_and_blocks_only_its_own_booking(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    service.availability.silent.add(anna.id)
    sick, well = [await service.held(kind, day(n), wait=False) for n in (3, 4)]
    of_sick, of_well = [
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", n) for n in (1, 2)
    ]
    good, bad = verdict(of_sick.event), service.other_services.envelope(verdict(of_sick.event))

    await service.other_services.send(good, bad, b'{"booking_id": "Vera Visitor"}')
    [behind] = await service.other_services.publish(good)
    await service.availability.answer(of_well)
    confirmed = await service.manage(well, "confirm", {"attendee": vera()})
    dead_letters = await service.topics.until(
        VERDICTS_DLT, anna.id, lambda received: len(received) == 2
    )

    assert "confirmed" == confirmed.json()["status"]
    assert "pending" == (await service.read(sick))["verdict"]
    assert [("invalid", bad.id, ""), ("behind", behind.id, bad.id)] == [
        (each.header("dlt_reason"), each.header("ce_id"), each.header("dlt_behind"))
        for each in dead_letters
    ]
    first = dead_letters[0]
    assert b'{"booking_id": "Vera Visitor"}' == first.record.value
    assert (AVAILABILITY_EVENTS, "1") == (
        first.header("dlt_topic"),
        first.header("dlt_attempts"),
    )
    assert first.header("dlt_offset").isdigit()
    assert first.header("dlt_partition").isdigit()
    assert "ValidationError" in first.header("dlt_error")
    assert "Vera" not in first.header("dlt_error") + LOGGED.getvalue()
    assert "record_parked" in LOGGED.getvalue()


async def test_a_verdict_on_an_unknown_booking_becomes_a_dead_letter(
    service: BookingService, anna: Organizer
) -> None:
    held = await service.held(await anna.meeting_type(), day(3))
    reserved = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")
    unknown = verdict(reserved.event, "free").model_copy(update={"booking_id": new_id()})

    [sent] = await service.other_services.publish(unknown)
    [dead_letter] = await service.topics.until(
        VERDICTS_DLT, anna.id, lambda received: len(received) == 1
    )

    assert ("refused", sent.id) == (dead_letter.header("dlt_reason"), dead_letter.header("ce_id"))
    assert "held" == (await service.read(held))["status"]


async def test_a_record_without_the_headers_of_an_event_becomes_a_dead_letter(
    service: BookingService, anna: Organizer
) -> None:
    event = withdrawn(anna)
    headers = [(name, value) for name, value in _headers(service, event) if name != "ce_id"]

    await service.other_services.producer.send_and_wait(
        POLICY_EVENTS, key=event.key.encode(), value=b"noise", headers=headers
    )
    await service.other_services.publish(event)
    [dead_letter] = await service.topics.until(
        POLICY_DLT, anna.id, lambda received: len(received) == 1
    )

    assert ("unreadable", b"noise") == (dead_letter.header("dlt_reason"), dead_letter.record.value)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")


async def test_the_metrics_count_consumed_events_by_outcome(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))

    async def nothing_waits() -> bool:
        return "bookwith_outbox_depth 0.0" in (await service.booking.http.get("/metrics")).text

    await eventually(nothing_waits)
    text = (await service.booking.http.get("/metrics")).text
    for line in (
        'bookwith_consumed_events_total{outcome="applied",topic="availability.events.v1"}',
        'bookwith_consumed_events_total{outcome="applied",topic="policy.events.v1"}',
        'bookwith_consumer_lag_events{topic="policy.events.v1"}',
        'route="/api/booking/v1/bookings"',
    ):
        assert line in text
    assert booked["id"] not in text


async def _gaps(service: BookingService) -> float:
    text = (await service.booking.http.get("/metrics")).text
    found = re.search(r'sequence_gaps_total\{topic="policy.events.v1"\} ([0-9.]+)', text)
    return float(found[1]) if found else 0.0


def _headers(service: BookingService, event: AccessWithdrawn) -> list[tuple[str, bytes]]:
    return service.other_services.envelope(event).to_headers()

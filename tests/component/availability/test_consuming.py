"""Availability on real Kafka: what it makes of each kind of record, and that it makes it once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts import booking
from contracts.event import ContractEvent
from contracts.topics import AVAILABILITY_EVENTS, BOOKING_EVENTS, dead_letter_topic
from contracts.values import Period
from services.availability.consumers import SUBSCRIPTIONS
from services.chassis.ids import new_id
from services.chassis.messaging import batches
from tests.component.availability.organizer import (
    ALL_DAY,
    MINUTE,
    Availability,
    Organizer,
    monday,
    stamp,
)
from tests.component.kafka import eventually

DEAD_LETTERS = dead_letter_topic(BOOKING_EVENTS, "availability")
READ_MODELS = ("pages", "meeting_types", "private_links", "claims", "inbox")


async def test_a_hold_takes_its_time_until_it_is_released(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    held = anna.reserved(kind, monday(9))
    window = kind, monday(9), monday(9, 1)

    await anna.publish(held)
    while_held = await availability.starts(*window)
    await anna.publish(anna.released(held))

    assert ([], [stamp(monday(9))]) == (while_held, await availability.starts(*window))


async def test_a_hold_past_its_deadline_takes_no_time_even_before_its_release(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    over = anna.reserved(kind, monday(9), expires_at=datetime.now(UTC) - MINUTE)
    await anna.publish(over)

    assert [stamp(monday(9))] == await availability.starts(kind, monday(9), monday(9, 1))
    assert [] == await anna.judged(anna.reserved(kind, monday(9)))


async def test_a_hold_is_over_at_its_deadline_exactly(anna: Organizer) -> None:
    kind = await anna.offers()
    held = anna.reserved(kind, monday(9))
    await anna.publish(held)

    just_before = await anna.judged(
        anna.reserved(kind, monday(9), expires_at=held.expires_at),
        time=held.expires_at - timedelta(microseconds=1),
    )
    exactly = await anna.judged(anna.reserved(kind, monday(9)), time=held.expires_at)

    assert (["free"], []) == (just_before, exactly)


async def test_a_confirmed_time_is_taken_for_good(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    held = anna.reserved(kind, monday(9), expires_at=datetime.now(UTC) + timedelta(seconds=0.1))
    await anna.publish(held, anna.confirmed(held))

    later = {"time": held.expires_at + MINUTE}

    assert ["free"] == await anna.judged(anna.reserved(kind, monday(9)), **later)
    assert [] == await availability.starts(kind, monday(9), monday(9, 1))


async def test_a_move_takes_the_new_time_and_frees_the_old_one_in_one_step(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    old = anna.reserved(kind, monday(9))
    new = anna.reserved(kind, monday(10), booking_id=old.booking_id, purpose="reschedule")
    window = kind, monday(9), monday(10, 30)
    await anna.publish(old, anna.confirmed(old), new)
    pending = await availability.starts(*window)

    await anna.publish(anna.rescheduled(old, new))

    assert [stamp(monday(9, 30))] == pending
    assert [stamp(monday(9)), stamp(monday(9, 30))] == await availability.starts(*window)


async def test_a_rejected_move_leaves_the_old_time_taken(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    old = anna.reserved(kind, monday(9))
    new = anna.reserved(kind, monday(10), booking_id=old.booking_id, purpose="reschedule")

    await anna.publish(old, anna.confirmed(old), new, anna.released(new, "rejected"))

    assert [stamp(monday(9, 30)), stamp(monday(10))] == await availability.starts(
        kind, monday(9), monday(10, 30)
    )


async def test_a_cancel_frees_every_time_of_the_booking(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    old = anna.reserved(kind, monday(9))
    new = anna.reserved(kind, monday(10), booking_id=old.booking_id, purpose="reschedule")

    await anna.publish(old, anna.confirmed(old), new, anna.cancelled(old))

    assert 3 == len(await availability.starts(kind, monday(9), monday(10, 30)))


async def test_the_times_of_a_deleted_types_bookings_stay_taken(
    availability: Availability, anna: Organizer
) -> None:
    kind, other = await anna.offers(), await anna.offers()
    held = anna.reserved(kind, monday(9))

    await anna.publish(
        held,
        anna.confirmed(held),
        booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=kind),
    )

    assert [] == await availability.starts(other, monday(9), monday(9, 1))


async def test_a_request_takes_its_time_until_its_own_deadline_and_a_declined_one_gives_it_back(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    held, over = anna.reserved(kind, monday(9)), anna.reserved(kind, monday(10))
    now = datetime.now(UTC)

    await anna.publish(
        held,
        anna.requested(held, now + timedelta(days=1)),
        over,
        anna.requested(over, now - MINUTE),
    )
    waiting = await availability.starts(kind, monday(9), monday(11))
    await anna.publish(anna.declined(held))

    assert stamp(monday(9)) not in waiting
    assert stamp(monday(10)) in waiting
    assert stamp(monday(9)) in await availability.starts(kind, monday(9), monday(11))


async def test_both_times_of_a_move_that_awaits_approval_are_taken_until_the_answer(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    old = anna.reserved(kind, monday(9))
    new = anna.reserved(kind, monday(10), booking_id=old.booking_id, purpose="reschedule")
    deadline = datetime.now(UTC) + timedelta(days=1)

    await anna.publish(old, anna.confirmed(old), new, anna.move_awaits_approval(old, new, deadline))
    waiting = await availability.starts(kind, monday(9), monday(11))
    await anna.publish(anna.move_declined(old, new))
    declined = await availability.starts(kind, monday(9), monday(11))

    assert not {stamp(monday(9)), stamp(monday(10))} & {*waiting}
    assert stamp(monday(9)) not in declined
    assert stamp(monday(10)) in declined


async def test_an_unproven_address_takes_no_time_and_its_lead_counts_from_the_asking(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(min_lead_minutes=60)
    held = anna.reserved(kind, monday(9))
    await anna.publish(held, anna.unproven(held, monday(9)))
    free = await availability.starts(kind, monday(9), monday(9, 1))
    late = monday(8, 30)

    in_time = anna.reserved(kind, monday(9), asked_at=monday(8), booking_id=held.booking_id)
    too_late = anna.reserved(kind, monday(9))

    assert [stamp(monday(9))] == free
    assert ["minimum_lead"] == await anna.judged(too_late, time=late)
    await availability.other_services.publish(in_time, time=late)
    _, second = await anna.answers(in_time, 2)
    assert () == second.event.reasons


def whole_history(anna: Organizer) -> list[ContractEvent]:
    """Return an organizer's life in which every kind of event that counts occurs."""
    kind = anna.meeting_type(visibility="private")
    gone, link_id = anna.meeting_type(), new_id()
    link: dict[str, Any] = {
        "organizer_id": anna.id,
        "link_id": link_id,
        "meeting_type_id": kind.id,
        "max_uses": 1,
        "expires_at": monday(),
    }
    one, two, three = (anna.reserved(kind.id, monday(hour)) for hour in (9, 10, 11))
    moved = anna.reserved(kind.id, monday(12), booking_id=two.booking_id, purpose="reschedule")
    four, five = (anna.reserved(kind.id, monday(hour)) for hour in (13, 14))
    later = anna.reserved(kind.id, monday(15), booking_id=four.booking_id, purpose="reschedule")
    again = anna.reserved(kind.id, monday(16), booking_id=two.booking_id, purpose="reschedule")
    deadline = datetime.now(UTC) + timedelta(days=1)
    return [
        anna.allowed(),
        anna.published(),
        booking.PageRegularHoursChanged(organizer_id=anna.id, weekly_hours=ALL_DAY),
        kind,
        gone,
        anna.changed(kind, increment_minutes=15),
        booking.PrivateLinkIssued(**link),
        booking.PrivateLinkChanged(**{**link, "max_uses": 2}),
        booking.OfferMade(
            organizer_id=anna.id,
            offer_id=new_id(),
            meeting_type_id=kind.id,
            link_id=link_id,
            times=(Period(start=monday(15), end=monday(15, 30)),),
            held=True,
            expires_at=monday(),
        ),
        one,
        booking.HoldExtended(
            organizer_id=anna.id,
            booking_id=one.booking_id,
            start=one.start,
            end=one.end,
            expires_at=monday(),
        ),
        anna.released(one),
        two,
        anna.confirmed(two),
        moved,
        anna.rescheduled(two, moved),
        three,
        anna.confirmed(three),
        anna.cancelled(three),
        four,
        anna.requested(four, deadline),
        later,
        anna.request_rescheduled(four, later, deadline),
        anna.declined(later),
        again,
        anna.move_awaits_approval(moved, again, deadline),
        anna.move_declined(moved, again),
        five,
        anna.unproven(five, deadline),
        booking.LinkExpired(
            organizer_id=anna.id,
            link_id=link_id,
            meeting_type_id=kind.id,
            reason="consumed",
            expired_at=monday(),
        ),
        booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=gone.id),
        anna.unpublished(),
        anna.denied(),
    ]


async def test_a_repeated_history_changes_nothing_and_causes_no_answer(
    availability: Availability, organizer: Organizer
) -> None:
    history = whole_history(organizer)
    sent = await organizer.publish(*history)
    before = await read_models(availability)
    again = [*zip(history, sent, strict=True)]

    for event, envelope in (*again, *reversed(again)):
        await availability.other_services.send(event, envelope, event.model_dump_json().encode())
    await all_is_consumed(availability, organizer)

    assert {handler.event for each in SUBSCRIPTIONS for handler in each.handlers} == set(
        map(type, history)
    )
    assert before == await read_models(availability)
    assert 8 == len(availability.topics.of(AVAILABILITY_EVENTS, organizer.id))


async def all_is_consumed(availability: Availability, organizer: Organizer) -> None:
    """Wait until what was told of the organizer is consumed, by a record that says nothing."""
    nothing = await availability.other_services.producer.send_and_wait(
        BOOKING_EVENTS, key=str(organizer.id).encode(), value=b"noise"
    )
    query = "SELECT 1 FROM parked WHERE topic = %s AND partition = %s AND record_offset = %s"
    place = BOOKING_EVENTS, nothing.partition, nothing.offset
    await eventually(lambda: availability.service.rows(query, *place), "the last record")


async def read_models(availability: Availability) -> dict[str, list[str]]:
    """Return every row of every read model, and what is marked as applied."""
    found = {}
    for table in READ_MODELS:
        rows = await availability.service.rows(f"SELECT t::text AS row FROM {table} t ORDER BY 1")
        found[table] = [row["row"] for row in rows]
    return found


@pytest.mark.parametrize(
    "kind", sorted({handler.event.__name__ for each in SUBSCRIPTIONS for handler in each.handlers})
)
async def test_a_poison_record_of_any_type_becomes_a_dead_letter_and_the_others_are_applied(
    availability: Availability, anna: Organizer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(batches, "FIRST_PAUSE_SECONDS", 0.001)
    event = next(each for each in whole_history(anna) if type(each).__name__ == kind)
    bad = availability.other_services.envelope(event)
    good = anna.meeting_type()

    await availability.other_services.send(event, bad, b'{"organizer_id": "nobody"}')
    [behind, _] = await anna.publish(event, good)
    dead = await availability.topics.until(
        DEAD_LETTERS, anna.id, lambda received: len(received) == 2
    )

    assert [("invalid", bad.id, ""), ("behind", behind.id, bad.id)] == [
        (each.header("dlt_reason"), each.header("ce_id"), each.header("dlt_behind"))
        for each in dead
    ]
    parked = await availability.service.rows(
        "SELECT reason FROM parked WHERE subject = %s ORDER BY record_offset", event.subject
    )
    assert ["invalid", "behind"] == [row["reason"] for row in parked]
    assert await availability.service.rows("SELECT 1 FROM meeting_types WHERE id = %s", good.id)


async def test_hours_in_a_zone_that_is_unknown_here_are_parked_and_offered_in_no_other(
    availability: Availability, anna: Organizer
) -> None:
    kind = anna.meeting_type(organizer_time_zone="Mars/Olympus")
    await anna.publish(kind)
    [dead] = await availability.topics.until(
        DEAD_LETTERS, anna.id, lambda received: len(received) == 1
    )

    assert ("refused", "UnknownZone") == (dead.header("dlt_reason"), dead.header("dlt_error"))
    assert [] == await availability.service.rows(
        "SELECT 1 FROM meeting_types WHERE id = %s", kind.id
    )


async def test_events_of_unknown_and_unused_types_are_skipped(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    event = anna.published()
    unknown = availability.other_services.envelope(event, type="io.bookwith.booking.PagePraised.v1")

    await availability.other_services.send(event, unknown, b'{"praise": 7}')
    await anna.publish(
        booking.PageAddressRenewed(organizer_id=anna.id, handle="elsewhere"),
        booking.LinkUseTaken(organizer_id=anna.id, link_id=new_id(), booking_id=new_id()),
    )

    assert [] == await anna.judged(anna.reserved(kind, monday(9)))
    assert [] == availability.topics.of(DEAD_LETTERS, anna.id)


async def test_an_event_that_arrives_after_a_later_one_is_not_applied(
    availability: Availability, anna: Organizer
) -> None:
    kind = anna.meeting_type()
    older = availability.other_services.envelope(kind)
    await anna.publish(booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=kind.id))

    await availability.other_services.send(kind, older, kind.model_dump_json().encode())
    await anna.publish(anna.published())

    assert [] == await availability.service.rows(
        "SELECT 1 FROM meeting_types WHERE id = %s", kind.id
    )


async def test_a_record_that_is_no_event_becomes_a_dead_letter(
    availability: Availability, anna: Organizer
) -> None:
    await availability.other_services.producer.send_and_wait(
        BOOKING_EVENTS, key=str(anna.id).encode(), value=b"noise"
    )
    await anna.publish(anna.published())
    [dead] = await availability.topics.until(
        DEAD_LETTERS, anna.id, lambda received: len(received) == 1
    )

    assert ("unreadable", b"noise") == (dead.header("dlt_reason"), dead.record.value)

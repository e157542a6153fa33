"""The answer to each reservation: accepted, or rejected by the rules that are against it."""

from datetime import UTC, datetime, timedelta

from contracts import booking
from contracts.topics import AVAILABILITY_EVENTS
from services.chassis.ids import new_id
from tests.component.availability.organizer import MINUTE, Availability, Organizer, monday


async def test_a_free_time_is_accepted_with_the_reservation_as_cause(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    held = anna.reserved(kind, monday(9))

    [asked] = await anna.publish(held)
    [answer] = await anna.answers(held, 1)

    assert ("SlotAccepted", asked.id, asked.correlation_id) == (
        answer.kind,
        answer.header("ce_causationid"),
        answer.header("ce_correlationid"),
    )
    assert (str(held.booking_id), "1", "/bookwith/availability", str(anna.id)) == (
        answer.header("ce_subject"),
        answer.header("ce_sequence"),
        answer.header("ce_source"),
        answer.header("ce_partitionkey"),
    )
    assert (held.booking_id, held.start, held.end, "new", ()) == (
        answer.event.booking_id,
        answer.event.start,
        answer.event.end,
        answer.event.purpose,
        answer.event.reasons,
    )
    assert datetime.now(UTC) - answer.event.checked_at < timedelta(seconds=10)


async def test_a_rejection_names_each_rule_that_forbids_the_time(anna: Organizer) -> None:
    hours = booking.WeeklyHours(mon=(("09:00", "12:00"),))
    kind = await anna.offers(weekly_hours=hours, min_lead_minutes=60, max_lead_minutes=60 * 24 * 60)
    later = monday(9, days=70)
    just_before = {"time": monday(11) - 59 * MINUTE}

    assert [] == await anna.judged(anna.reserved(kind, monday(9)))
    assert ["free"] == await anna.judged(anna.reserved(kind, monday(9)))
    assert ["inside_hours"] == await anna.judged(anna.reserved(kind, monday(8)))
    assert ["inside_hours"] == await anna.judged(anna.reserved(kind, monday(12)))
    assert ["on_grid"] == await anna.judged(anna.reserved(kind, monday(9, 31)))
    assert ["horizon"] == await anna.judged(anna.reserved(kind, later))
    assert ["minimum_lead"] == await anna.judged(anna.reserved(kind, monday(11)), **just_before)
    assert ["meeting_type_known", "page_open"] == (
        await anna.judged(anna.reserved(new_id(), monday(10)))
    )


async def test_a_start_at_the_minimum_lead_is_accepted_and_one_at_the_horizon_is_not(
    anna: Organizer,
) -> None:
    kind = await anna.offers(min_lead_minutes=60, max_lead_minutes=26 * 60)
    start = monday(9)

    at_notice = await anna.judged(anna.reserved(kind, start), time=start - 60 * MINUTE)
    start = monday(10)
    at_horizon = await anna.judged(anna.reserved(kind, start), time=start - 26 * 60 * MINUTE)

    assert ([], ["horizon"]) == (at_notice, at_horizon)


async def test_a_closed_page_accepts_no_time(organizer: Organizer) -> None:
    kind = await organizer.offers()

    assert ["page_open"] == await organizer.judged(organizer.reserved(kind, monday(9)))
    await organizer.open()
    assert [] == await organizer.judged(organizer.reserved(kind, monday(10)))


async def test_a_deleted_type_accepts_no_new_time(anna: Organizer) -> None:
    kind = await anna.offers()
    await anna.publish(booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=kind))

    assert "meeting_type_known" in await anna.judged(anna.reserved(kind, monday(9)))


async def test_a_booking_of_a_deleted_type_is_moved_by_its_last_rules(anna: Organizer) -> None:
    kind = await anna.offers(hours="calendar", weekly_hours=booking.WeeklyHours())
    mine = anna.reserved(kind, monday(9))
    await anna.publish(mine, anna.confirmed(mine))
    await anna.publish(booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=kind))
    move = {"booking_id": mine.booking_id, "purpose": "reschedule"}

    await anna.availability.other_services.publish(
        anna.reserved(kind, monday(10), **move), anna.reserved(kind, monday(8), **move)
    )
    answers = await anna.answers(mine, 3)

    assert [[], [], ["inside_hours"]] == [
        [reason.rule for reason in answer.event.reasons] for answer in answers
    ]


async def test_a_booking_is_moved_with_the_length_that_it_was_made_with(anna: Organizer) -> None:
    kind = anna.meeting_type(hours="calendar", weekly_hours=booking.WeeklyHours())
    hour = {"end": monday(10)}
    mine = anna.reserved(kind.id, monday(9), **hour)
    other = anna.reserved(kind.id, monday(12))
    await anna.publish(
        anna.changed(kind, duration_minutes=60),
        mine,
        anna.confirmed(mine),
        anna.changed(kind, revision=3, duration_minutes=30),
        other,
        anna.confirmed(other),
    )
    move = {"booking_id": mine.booking_id, "purpose": "reschedule"}

    await anna.availability.other_services.publish(
        anna.reserved(kind.id, monday(16, 30), end=monday(17, 30), **move),
        anna.reserved(kind.id, monday(11, 30), end=monday(12, 30), **move),
        anna.reserved(kind.id, monday(11), end=monday(12), **move),
    )
    answers = await anna.answers(mine, 4)

    assert [[], ["inside_hours"], ["free"], []] == [
        [reason.rule for reason in answer.event.reasons] for answer in answers
    ]


async def test_a_changed_type_is_judged_by_its_new_rules(anna: Organizer) -> None:
    kind = anna.meeting_type()
    await anna.publish(
        kind, anna.changed(kind, weekly_hours=booking.WeeklyHours(), hours="calendar")
    )

    assert [] == await anna.judged(anna.reserved(kind.id, monday(9)))
    assert ["inside_hours"] == await anna.judged(anna.reserved(kind.id, monday(8)))


async def test_the_organizer_is_not_bound_by_the_minimum_lead(anna: Organizer) -> None:
    kind = await anna.offers(min_lead_minutes=30 * 24 * 60, max_lead_minutes=60 * 24 * 60)

    by_attendee = await anna.judged(anna.reserved(kind, monday(9)))
    by_organizer = await anna.judged(anna.reserved(kind, monday(10), by="organizer"))

    assert (["minimum_lead"], []) == (by_attendee, by_organizer)


async def test_a_booking_that_moves_may_overlap_its_own_old_time_only(anna: Organizer) -> None:
    kind = await anna.offers(increment_minutes=15)
    mine, other = anna.reserved(kind, monday(9)), anna.reserved(kind, monday(10))
    await anna.publish(mine, anna.confirmed(mine), other, anna.confirmed(other))
    move = {"booking_id": mine.booking_id, "purpose": "reschedule"}

    own = anna.reserved(kind, monday(9, 15), **move)
    others = anna.reserved(kind, monday(9, 45), **move)
    await anna.publish(own, others)
    answers = [each.event for each in await anna.answers(mine, 3)][1:]

    assert ["SlotAccepted", "SlotRejected"] == [type(each).__name__ for each in answers]
    assert ["reschedule", "reschedule"] == [each.purpose for each in answers]
    assert ["free"] == [reason.rule for reason in answers[1].reasons]


async def test_the_first_of_twenty_reservations_of_one_time_is_accepted(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    reservations = [anna.reserved(kind, monday(9)) for _ in range(20)]

    await anna.publish(*reservations)
    found = await availability.topics.until(
        AVAILABILITY_EVENTS, anna.id, lambda received: len(received) == 20
    )

    assert ["SlotAccepted", *["SlotRejected"] * 19] == [each.kind for each in found]
    assert str(reservations[0].booking_id) == found[0].header("ce_subject")
    assert [str(n) for n in range(1, 21)] == [each.header("ce_sequence") for each in found]


async def test_a_repeated_reservation_is_answered_once(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    held, after = anna.reserved(kind, monday(9)), anna.reserved(kind, monday(10))
    [sent] = await anna.publish(held)

    for _ in range(3):
        await availability.other_services.send(held, sent, held.model_dump_json().encode())
    await anna.publish(after)
    await anna.answers(after, 1)

    assert ["SlotAccepted", "SlotAccepted"] == [
        each.kind for each in availability.topics.of(AVAILABILITY_EVENTS, anna.id)
    ]


async def test_times_of_another_organizer_do_not_count(
    availability: Availability, anna: Organizer
) -> None:
    bo = Organizer(availability, "bo", new_id())
    await bo.open()
    kind, other = await anna.offers(), await bo.offers()

    assert [] == await anna.judged(anna.reserved(kind, monday(9)))
    assert [] == await bo.judged(bo.reserved(other, monday(9)))

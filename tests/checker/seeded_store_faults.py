"""Faults in store and topics: I1 to I6."""

from dataclasses import replace

from tests.checker.correct_run import ANNA, KEPT, MOVED, placed, slot
from tests.checker.evidence import Evidence
from tests.checker.seeding import breaks, find, rewritten, with_event, without_record


@breaks("I1")
def two_bookings_overlap(run: Evidence) -> Evidence:
    return rewritten(run, find(run, "BookingConfirmed", KEPT), slot=slot(0))


@breaks("I1")
def a_move_lands_on_another_booking(run: Evidence) -> Evidence:
    return rewritten(run, find(run, "BookingRescheduled"), new=slot(1))


@breaks("I2")
def an_acknowledged_booking_is_not_stored(run: Evidence) -> Evidence:
    gone = f"booking-{KEPT}"
    return replace(run, stored=tuple(each for each in run.stored if each.stream != gone))


@breaks("I2")
def a_refused_booking_is_stored(run: Evidence) -> Evidence:
    return replace(run, emails={**run.emails, KEPT: "late@example.test"})


@breaks("I2")
def a_booking_is_stored_at_another_time(run: Evidence) -> Evidence:
    return rewritten(run, find(run, "BookingConfirmed", KEPT), slot=slot(5))


@breaks("I2")
def one_command_made_two_bookings(run: Evidence) -> Evidence:
    return replace(run, emails=dict.fromkeys(run.emails, "kept@example.test"))


@breaks("I2")
def an_acknowledged_move_is_not_stored(run: Evidence) -> Evidence:
    return rewritten(run, find(run, "BookingRescheduled"), new=slot(6))


@breaks("I2")
def a_refused_cancel_is_stored(run: Evidence) -> Evidence:
    asked = [replace(e, outcome="refused") if e.kind == "cancel" else e for e in run.asked]
    return replace(run, asked=tuple(asked))


@breaks("I2")
def a_cancel_is_stored_twice(run: Evidence) -> Evidence:
    return with_event(run, f"booking-{MOVED}", "BookingCancelled", slot=slot(2), ics_sequence=2)


@breaks("I3")
def a_version_is_missing(run: Evidence) -> Evidence:
    event = find(run, "BookingCancelled")
    changed = replace(event, version=event.version + 1)
    return replace(run, stored=(*run.stored[:-1], changed))


@breaks("I3")
def a_sequence_is_missing(run: Evidence) -> Evidence:
    changed = replace(run.stored[-1], sequence=run.stored[-1].sequence + 1)
    return replace(run, stored=(*run.stored[:-1], changed))


@breaks("I4")
def an_event_is_lost_on_the_way(run: Evidence) -> Evidence:
    return without_record(run, find(run, "BookingConfirmed"))


@breaks("I4")
def a_record_comes_from_nowhere(run: Evidence) -> Evidence:
    ghost = replace(run.records[0], headers={**run.records[0].headers, "ce_id": "ghost"}, offset=99)
    return replace(run, records=(*run.records, ghost))


@breaks("I4")
def an_event_is_published_as_another_type(run: Evidence) -> Evidence:
    first = run.records[0]
    other = {**first.headers, "ce_type": "io.bookwith.booking.PageDenied.v1"}
    return replace(run, records=(replace(first, headers=other), *run.records[1:]))


@breaks("I4")
def a_reservation_is_judged_twice(run: Evidence) -> Evidence:
    verdict = next(each for each in run.records if each.name == "SlotAccepted")
    again = {**verdict.headers, "ce_id": "again", "ce_sequence": "4"}
    last_sequences = {**run.last_sequences, ("availability.events.v1", ANNA): 4}
    records = (*run.records, replace(verdict, headers=again, offset=99))
    return replace(run, records=records, last_sequences=last_sequences)


@breaks("I4")
def a_verdict_is_lost(run: Evidence) -> Evidence:
    records = [each for each in run.records if each.headers.get("ce_sequence") != "3"]
    return replace(run, records=tuple(records))


@breaks("I5")
def two_events_change_places(run: Evidence) -> Evidence:
    first, second, *rest = run.records
    return replace(run, records=tuple(placed([second, first, *rest])))


@breaks("I5")
def a_key_is_on_two_partitions(run: Evidence) -> Evidence:
    last = run.records[-1]
    return replace(run, records=(*run.records[:-1], replace(last, partition=5)))


@breaks("I6")
def a_duplicate_differs(run: Evidence) -> Evidence:
    again = replace(run.records[0], value=b"{}", offset=99)
    return replace(run, records=(*run.records, again), restarts={"booking": 1})


@breaks("I6")
def there_are_duplicates_without_a_crash(run: Evidence) -> Evidence:
    return replace(run, records=(*run.records, replace(run.records[0], offset=99)))

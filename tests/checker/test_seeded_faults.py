"""Each guarantee broken once in a run that is sound otherwise: the checker names it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.checker.check import RULES, check
from tests.checker.evidence import Evidence, Fault, Letter, Stored
from tests.checker.sound import (
    ANNA,
    KEPT,
    LINK,
    MOVED,
    claim,
    letters,
    placed,
    published,
    slot,
    sound,
)

RUN = sound()
Break = Callable[[Evidence], Evidence]
BROKEN: list[tuple[str, str, Break]] = []


def breaks(guarantee: str) -> Callable[[Break], Break]:
    """Note that the run, changed so, breaks the guarantee."""

    def note(change: Break) -> Break:
        BROKEN.append((guarantee, change.__name__.replace("_", " "), change))
        return change

    return note


def find(run: Evidence, type_: str, subject: str = MOVED) -> Stored:
    return next(each for each in run.stored if each.type == type_ and each.subject == subject)


def rewritten(run: Evidence, event: Stored, **data: Any) -> Evidence:
    """Return the run with other data in one stored event."""
    changed = replace(event, data={**event.data, **data})
    return replace(run, stored=tuple(changed if each is event else each for each in run.stored))


def without_record(run: Evidence, event: Stored) -> Evidence:
    records = placed(each for each in run.records if each.id != event.id)
    return replace(run, records=tuple(records))


def with_event(run: Evidence, stream: str, type_: str, **data: Any) -> Evidence:
    """Return the run with one more event, stored and published in order."""
    last = run.stored[-1]
    version = sum(each.stream == stream for each in run.stored) + 1
    event = replace(
        last,
        id="00000000-0000-0000-0000-0000000000ff",
        stream=stream,
        version=version,
        sequence=last.sequence + 1,
        type=type_,
        time=last.time + timedelta(seconds=1),
        data=data,
    )
    stored = (*run.stored, event)
    drawn = {**run.drawn, ("booking.events.v1", ANNA): event.sequence}
    return replace(run, stored=stored, records=tuple(published(stored)), drawn=drawn)


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
    drawn = {**run.drawn, ("availability.events.v1", ANNA): 4}
    records = (*run.records, replace(verdict, headers=again, offset=99))
    return replace(run, records=records, drawn=drawn)


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
    return replace(run, records=(*run.records, again), deaths={"booking": 1})


@breaks("I6")
def there_are_duplicates_without_a_crash(run: Evidence) -> Evidence:
    return replace(run, records=(*run.records, replace(run.records[0], offset=99)))


@breaks("I7")
def bookings_row_is_old(run: Evidence) -> Evidence:
    first, second = run.booked
    return replace(run, booked=(replace(first, status="confirmed"), second))


@breaks("I7")
def a_row_has_no_history(run: Evidence) -> Evidence:
    return replace(run, booked=(*run.booked, replace(run.booked[0], booking_id="nobody")))


@breaks("I7")
def availability_forgets_a_booking(run: Evidence) -> Evidence:
    return replace(run, availability_claims=())


@breaks("I7")
def availability_keeps_a_cancelled_booking(run: Evidence) -> Evidence:
    return replace(run, availability_claims=(*run.availability_claims, claim(MOVED, 2)))


@breaks("I7")
def a_claim_is_left_in_the_store(run: Evidence) -> Evidence:
    return replace(run, booking_claims=(*run.booking_claims, claim(MOVED, 0)))


@breaks("I8")
def a_letter_does_not_arrive(run: Evidence) -> Evidence:
    return replace(run, letters=run.letters[1:])


@breaks("I8")
def a_letter_is_not_owed_to_anybody(run: Evidence) -> Evidence:
    return replace(run, deliveries=run.deliveries[1:])


@breaks("I8")
def a_letter_never_leaves(run: Evidence) -> Evidence:
    first = replace(run.deliveries[0], state="retrying")
    return replace(run, deliveries=(first, *run.deliveries[1:]))


@breaks("I8")
def the_newest_letter_is_overtaken(run: Evidence) -> Evidence:
    *rest, last = run.deliveries
    changed = (*rest, replace(last, state="overtaken"))
    return replace(run, deliveries=changed, letters=run.letters[:-1])


@breaks("I8")
def a_mail_comes_from_nowhere(run: Evidence) -> Evidence:
    ghost = replace(run.letters[0], message_id=f"<{KEPT}.7.change.attendee@localhost>")
    return replace(run, letters=(*run.letters, ghost))


@breaks("I8")
def somebody_who_was_refused_has_mail(run: Evidence) -> Evidence:
    wrong = replace(run.letters[0], to=("late@example.test",))
    return replace(run, letters=(wrong, *run.letters[1:]))


@breaks("I8")
def mail_comes_twice_without_a_crash(run: Evidence) -> Evidence:
    return replace(run, letters=(*run.letters, run.letters[-1]))


@breaks("I9")
def a_cancellation_has_another_uid(run: Evidence) -> Evidence:
    return _last_letter(run, uid=f"{KEPT}@bookwith")


@breaks("I9")
def a_cancellation_is_a_request(run: Evidence) -> Evidence:
    return _last_letter(run, method="REQUEST")


@breaks("I9")
def sequence_does_not_grow(run: Evidence) -> Evidence:
    mails = letters()
    mails[0], mails[4] = mails[4], mails[0]
    return replace(run, letters=tuple(mails))


@breaks("I9")
def something_comes_after_the_cancellation(run: Evidence) -> Evidence:
    mails = letters()
    mails[4], mails[6] = mails[6], mails[4]
    return replace(run, letters=tuple(mails))


def _last_letter(run: Evidence, **changed: Any) -> Evidence:
    last: Letter = replace(run.letters[-1], **changed)
    return replace(run, letters=(*run.letters[:-1], last))


@breaks("I10")
def a_single_use_link_is_used_twice(run: Evidence) -> Evidence:
    reserved = find(run, "SlotReserved", KEPT)
    again = rewritten(run, reserved, link_id=LINK)
    return with_event(again, f"private_link-{LINK}", "LinkUseConsumed", booking_id=KEPT)


@breaks("I10")
def a_use_is_not_counted(run: Evidence) -> Evidence:
    return rewritten(run, find(run, "LinkUseConsumed", LINK), booking_id=KEPT)


@breaks("I10")
def a_use_is_taken_after_the_deadline(run: Evidence) -> Evidence:
    issued = find(run, "PrivateLinkIssued", LINK)
    limits = {**issued.data["limits"], "expires_at": issued.time.isoformat()}
    return rewritten(run, issued, limits=limits)


@breaks("I11")
def a_booking_is_confirmed_under_a_denial(run: Evidence) -> Evidence:
    allowed = replace(run.stored[0], type="PageDenied")
    stored = (allowed, *run.stored[1:])
    return replace(run, stored=stored, records=tuple(published(stored)))


@breaks("I14")
def an_outbox_is_not_empty(run: Evidence) -> Evidence:
    return replace(run, rest=(replace(run.rest[0], outbox=1),))


@breaks("I14")
def a_group_lags(run: Evidence) -> Evidence:
    return replace(run, rest=(replace(run.rest[0], lag=1),))


@breaks("I14")
def a_service_is_not_ready(run: Evidence) -> Evidence:
    return replace(run, rest=(replace(run.rest[0], ready=False),))


@breaks("I14")
def rest_takes_too_long(run: Evidence) -> Evidence:
    return replace(run, rest=(replace(run.rest[0], seconds=31.0),))


@breaks("I20")
def a_bad_record_is_not_parked(run: Evidence) -> Evidence:
    return replace(run, dead_letters=())


@breaks("I20")
def a_bad_record_is_parked_twice(run: Evidence) -> Evidence:
    return replace(run, dead_letters=run.dead_letters * 2)


@breaks("I20")
def a_good_record_is_parked(run: Evidence) -> Evidence:
    return replace(run, poisons=())


@breaks("I20")
def a_dead_letter_gives_no_reason(run: Evidence) -> Evidence:
    dead = run.dead_letters[0]
    return replace(run, dead_letters=(replace(dead, headers={**dead.headers, "dlt_reason": ""}),))


@breaks("empty")
def a_fault_did_not_happen(run: Evidence) -> Evidence:
    return replace(run, faults=(Fault("booking killed", 1, 0),))


@breaks("empty")
def no_fault_was_wanted(run: Evidence) -> Evidence:
    return replace(run, faults=())


@breaks("empty")
def nobody_asked(run: Evidence) -> Evidence:
    return Evidence(faults=run.faults)


@breaks("empty")
def nobody_was_refused(run: Evidence) -> Evidence:
    return replace(run, asked=tuple(e for e in run.asked if e.outcome != "refused"))


def test_a_sound_run_has_nothing_to_say() -> None:
    assert check(RUN) == []


def test_duplicates_after_a_crash_are_no_fault() -> None:
    again = replace(
        RUN,
        records=(*RUN.records, replace(RUN.records[-1], offset=99)),
        letters=(*RUN.letters, RUN.letters[-1]),
        deaths={"booking": 1, "notifier": 1, "availability": 1},
    )

    assert check(again) == []


def test_an_unknown_outcome_may_be_either() -> None:
    unknown = [replace(e, outcome="unknown") if e.key in ("k2", "k4") else e for e in RUN.asked]

    assert check(replace(RUN, asked=tuple(unknown))) == []


@pytest.mark.parametrize(
    ("guarantee", "change"), [(g, c) for g, _, c in BROKEN], ids=[name for _, name, _ in BROKEN]
)
def test_what_is_broken_is_named(guarantee: str, change: Break) -> None:
    assert guarantee in {violation.guarantee for violation in check(change(RUN))}


def test_every_rule_has_been_seen_to_fail() -> None:
    assert {guarantee for guarantee, _, _ in BROKEN} == {*RULES, "empty"}

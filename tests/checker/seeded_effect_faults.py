"""Faults in what the events cause, in links, poison and in the run itself: I7 to I20, empty."""

from dataclasses import replace
from typing import Any

from tests.checker.correct_run import KEPT, LINK, MOVED, claim, letters, published
from tests.checker.evidence import Evidence, Fault, Letter
from tests.checker.seeding import breaks, find, rewritten, with_event


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
    return replace(run, idle=(replace(run.idle[0], outbox=1),))


@breaks("I14")
def a_group_lags(run: Evidence) -> Evidence:
    return replace(run, idle=(replace(run.idle[0], lag=1),))


@breaks("I14")
def a_service_is_not_ready(run: Evidence) -> Evidence:
    return replace(run, idle=(replace(run.idle[0], ready=False),))


@breaks("I14")
def becoming_idle_takes_too_long(run: Evidence) -> Evidence:
    return replace(run, idle=(replace(run.idle[0], seconds=31.0),))


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

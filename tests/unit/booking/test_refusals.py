"""What a refusal says to whoever asked, word for word."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.booking.domain.refusals import (
    ChangeTooLate,
    EndReason,
    Fault,
    HoldOver,
    Invalid,
    LinkEnded,
    LinkInUse,
    LinkSuspended,
    NotAvailable,
    NotFound,
    PageMissing,
    Refusal,
    SlotNotOffered,
    SlotTaken,
    VerdictPending,
    refuse_if_any,
)

LAST_CHANGE = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
SENTENCES: dict[str, tuple[Callable[[], Refusal], str]] = {
    "not found": (lambda: NotFound("booking"), "There is no such booking."),
    "page missing": (
        PageMissing,
        "You have no page yet. Make one: PUT /api/booking/v1/page.",
    ),
    "not available": (NotAvailable, "This page is not available right now."),
    "link suspended": (LinkSuspended, "This page is not available right now."),
    "slot taken": (SlotTaken, "That time was just taken. Please pick another one."),
    "hold over": (HoldOver, "The time is no longer held for you. Please pick a time again."),
    "verdict pending": (
        VerdictPending,
        "The organizer's calendar is still being checked. Confirm again shortly.",
    ),
    "link in use": (
        LinkInUse,
        "Somebody else is booking with this link right now. Try again shortly.",
    ),
    "too late": (
        lambda: ChangeTooLate(LAST_CHANGE),
        "This booking could be changed until 2026-03-02 08:05 UTC. Please contact the organizer.",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_each_refusal_is_a_sentence_for_whoever_asked(name: str) -> None:
    refuse, sentence = SENTENCES[name]

    assert sentence == str(refuse())


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("ttl", "This link has expired. Ask for a new one."),
        ("consumed", "This link has been used. Ask for a new one."),
        ("revoked", "This link has been withdrawn. Ask for a new one."),
        ("type_deleted", "The meeting that this link was for is no longer offered."),
        (
            "type_made_public",
            "This meeting no longer needs a link; look for it on the public page.",
        ),
    ],
)
def test_a_link_that_has_ended_says_why(reason: EndReason, sentence: str) -> None:
    refusal = LinkEnded(reason)

    assert (reason, sentence) == (refusal.reason, str(refusal))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("free", "the organizer is not free then"),
        ("horizon", "it is too far ahead"),
        ("in_the_past", "it has passed"),
        ("inside_hours", "it is outside the hours for this meeting"),
        ("minimum_lead", "it is too soon"),
        ("on_grid", "this meeting does not start at that minute"),
    ],
)
def test_a_time_that_is_not_offered_says_which_rule_is_against_it(rule: str, words: str) -> None:
    refusal = SlotNotOffered((rule,))

    assert (rule,) == refusal.reasons
    assert f"That time is not offered: {words}. Please pick another one." == str(refusal)


def test_a_time_that_is_not_offered_without_a_rule_names_none() -> None:
    refusal = SlotNotOffered()

    assert () == refusal.reasons
    assert "That time is not offered. Please pick another one." == str(refusal)


def test_several_rules_against_a_time_are_named_in_one_sentence() -> None:
    refusal = SlotNotOffered(("free", "a_later_rule", "horizon"))

    assert ("free", "a_later_rule", "horizon") == refusal.reasons
    assert (
        "That time is not offered: the organizer is not free then, and it is too far ahead."
        " Please pick another one."
    ) == str(refusal)


def test_a_refusal_keeps_what_a_program_needs() -> None:
    last = datetime(2026, 3, 2, 9, 5, tzinfo=timezone(timedelta(hours=1)))

    assert last == ChangeTooLate(last).until
    assert "link" == NotFound("link").what


def test_an_invalid_request_names_every_fault_in_order() -> None:
    faults = (Fault("/title", "Must not be empty."), Fault("/slug", "Must be short."))

    with pytest.raises(Invalid) as refused:
        refuse_if_any(iter(faults))

    assert faults == refused.value.faults
    assert "Must not be empty. Must be short." == str(refused.value)


def test_nothing_is_refused_without_a_fault() -> None:
    refuse_if_any(iter(()))


def test_a_single_fault_is_refused_at_its_pointer() -> None:
    refusal = Invalid.at("/reason", "Must be text.")

    assert (Fault("/reason", "Must be text."),) == refusal.faults
    assert "Must be text." == str(refusal)

"""Why a time is offered or not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.availability.domain.reasons import Reason, explain, verdict
from services.availability.domain.slots import Offer
from tests.unit.availability.offers import NOW, local, offer, on, taken

EVERY_RULE = (
    "meeting_type_known",
    "page_open",
    "enabled",
    "inside_hours",
    "on_grid",
    "minimum_lead",
    "horizon",
    "free",
)
MEETING = [taken("2026-03-03 10:00", "2026-03-03 10:30")]
TEN = "2026-03-03 10:00"


def failed(the_offer: Offer, start: datetime) -> list[str]:
    """Return the names of the rules that forbid the start."""
    return [reason.rule for reason in verdict(the_offer, start)]


def test_each_rule_gives_its_verdict_on_an_offered_start() -> None:
    reasons = explain(offer(), local(TEN))

    assert tuple(reason.rule for reason in reasons) == EVERY_RULE
    assert all(reason.passed and reason.detail for reason in reasons)


def test_an_offered_start_is_explained_in_words() -> None:
    assert [reason.detail for reason in explain(offer(), local(TEN))] == [
        "The meeting type exists.",
        "The page is open.",
        "The meeting type is offered.",
        "The hours began 2026-03-03 09:00 CET.",
        "Meetings start every 30 minutes, counted from 2026-03-03 09:00 CET.",
        "The earliest possible start is 2026-03-02 10:00 CET.",
        "A start must be before 2026-05-01 09:00 CEST.",
        "Nothing else is there.",
    ]


def test_a_closed_day_on_a_closed_page_is_explained_to_its_organizer_in_words() -> None:
    closed = offer(page_open=False, by_organizer=True)

    assert [reason.detail for reason in explain(closed, local("2026-03-07 10:00"))] == [
        "The meeting type exists.",
        "The page is not published, or the administrators' policy does not allow it.",
        "The meeting type is offered.",
        "There are no hours at that time.",
        "Steps are only counted within the hours.",
        "The earliest possible start is 2026-03-02 08:01 CET.",
        "The organizer may look ahead as far as they like.",
        "Nothing else is there.",
    ]


@pytest.mark.parametrize("seconds", [1, 15, 30, 59])
def test_a_bound_between_minutes_is_told_as_the_next_minute(seconds: int) -> None:
    reasons = explain(offer(now=NOW + timedelta(seconds=seconds)), local(TEN))
    [earliest] = [reason.detail for reason in reasons if reason.rule == "minimum_lead"]

    assert earliest == "The earliest possible start is 2026-03-02 10:01 CET."


def test_a_meeting_type_that_is_not_known_is_explained_in_words() -> None:
    unknown, page = explain(Offer(None, True, (), NOW), NOW)

    assert unknown.detail == "There is no such meeting type, or no longer."
    assert page.detail == "The page is open."


@pytest.mark.parametrize(
    ("changes", "start", "rules"),
    [
        ({"page_open": False}, TEN, ["page_open"]),
        ({}, "2026-03-03 07:00", ["inside_hours"]),
        ({}, "2026-03-07 10:00", ["inside_hours"]),
        ({}, "2026-03-03 17:00", ["inside_hours"]),
        ({"duration_minutes": 60}, "2026-03-03 16:30", ["inside_hours"]),
        ({}, "2026-03-03 10:01", ["on_grid"]),
        ({}, "2026-03-03 16:45", ["inside_hours", "on_grid"]),
        ({}, "2026-03-02 09:30", ["minimum_lead"]),
        ({}, "2026-02-27 09:30", ["minimum_lead"]),
        ({}, "2026-03-03 16:30", []),
        ({"now": local("2026-03-03 08:00")}, TEN, []),
        ({"now": local("2026-03-03 08:00:01")}, TEN, ["minimum_lead"]),
        ({"max_lead_minutes": 1440}, TEN, ["horizon"]),
        ({"max_lead_minutes": 1440, "now": local("2026-03-02 10:00")}, TEN, ["horizon"]),
        ({"max_lead_minutes": 1440, "now": local("2026-03-02 10:00:01")}, TEN, []),
        ({"max_lead_minutes": 1440, "by_organizer": True}, TEN, []),
        ({"by_organizer": True}, "2026-03-02 09:00", []),
        ({"by_organizer": True}, "2026-02-27 09:30", ["minimum_lead"]),
        ({"busy": MEETING}, TEN, ["free"]),
        ({"busy": MEETING}, "2026-03-03 09:30", []),
        ({"busy": MEETING}, "2026-03-03 10:30", []),
        (
            {"busy": MEETING, "page_open": False},
            "2026-03-03 10:01",
            ["page_open", "on_grid", "free"],
        ),
    ],
)
def test_only_the_rules_that_forbid_a_start_are_named(
    changes: dict[str, Any], start: str, rules: list[str]
) -> None:
    assert failed(offer(**changes), local(start)) == rules


def test_an_unknown_meeting_type_has_no_times_to_judge() -> None:
    unknown = Offer(None, page_open=True, busy=(), now=NOW)

    assert failed(unknown, local(TEN)) == ["meeting_type_known"]
    assert [reason.rule for reason in explain(unknown, local(TEN))] == [
        "meeting_type_known",
        "page_open",
    ]


def test_reasons_speak_in_the_organizers_time_and_tell_what_would_do() -> None:
    details = {
        reason.rule: reason.detail
        for reason in explain(
            offer(busy=MEETING, duration_minutes=60, now=NOW + timedelta(seconds=30)),
            local("2026-03-03 09:35"),
        )
    }

    assert details["inside_hours"] == "The hours began 2026-03-03 09:00 CET."
    assert details["on_grid"] == (
        "Meetings start every 30 minutes, counted from 2026-03-03 09:00 CET."
    )
    assert details["minimum_lead"] == "The earliest possible start is 2026-03-02 10:01 CET."
    assert details["horizon"] == "A start must be before 2026-05-01 09:01 CEST."
    assert details["free"] == (
        "Something else is there, from 2026-03-03 10:00 CET to 2026-03-03 10:30 CET."
    )


def test_a_meeting_that_would_outlast_the_hours_is_told_their_end() -> None:
    (reason,) = verdict(offer(duration_minutes=60), local("2026-03-03 16:30"))

    assert reason.detail == "The hours end 2026-03-03 17:00 CET, before the meeting would."


def test_both_passes_of_the_repeated_hour_are_judged_apart() -> None:
    hours = on({"sun": [("00:00", "06:00")]})
    first, second = local("2026-10-25 02:00"), local("2026-10-25 02:00", fold=1)
    the_offer = offer(
        hours=hours, now=local("2026-10-20"), busy=[taken("2026-10-25 01:30", "2026-10-25 02:15")]
    )

    assert failed(the_offer, first) == ["free"]
    assert failed(the_offer, second) == []


@pytest.mark.parametrize("start", ["0001-01-02 10:00", "9999-12-30 23:59"])
def test_a_start_at_the_end_of_the_calendar_is_answered_too(start: str) -> None:
    assert "inside_hours" in failed(offer(), local(start, "UTC"))


def test_reasons_can_be_kept_as_json() -> None:
    adapter = TypeAdapter(tuple[Reason, ...])
    reasons = explain(offer(busy=MEETING), local(TEN))

    assert adapter.validate_json(adapter.dump_json(reasons)) == reasons

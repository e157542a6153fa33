"""Each guarantee broken once in a run that is sound otherwise: the checker names it."""

from dataclasses import replace

import pytest

from tests.checker import seeds_at_the_source, seeds_of_effects
from tests.checker.check import RULES, check
from tests.checker.seeding import BROKEN, Break
from tests.checker.sound import sound

RUN = sound()
# Reading them has noted them.
SEEDS = (seeds_at_the_source, seeds_of_effects)


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

"""Each guarantee broken once in a run that is sound otherwise: the checker names it."""

from dataclasses import replace

import pytest

from tests.checker import seeded_effect_faults, seeded_store_faults
from tests.checker.check import RULES, check
from tests.checker.correct_run import correct_run
from tests.checker.seeding import BROKEN, Break

RUN = correct_run()
# Reading them has noted them.
SEEDS = (seeded_store_faults, seeded_effect_faults)


def test_a_correct_run_has_no_violation() -> None:
    assert check(RUN) == []


def test_duplicates_after_a_crash_are_no_violation() -> None:
    again = replace(
        RUN,
        records=(*RUN.records, replace(RUN.records[-1], offset=99)),
        letters=(*RUN.letters, RUN.letters[-1]),
        restarts={"booking": 1, "notifier": 1, "availability": 1},
    )

    assert check(again) == []


def test_an_unknown_outcome_may_be_either() -> None:
    unknown = [replace(e, outcome="unknown") if e.key in ("k2", "k4") else e for e in RUN.asked]

    assert check(replace(RUN, asked=tuple(unknown))) == []


@pytest.mark.parametrize(
    ("guarantee", "change"), [(g, c) for g, _, c in BROKEN], ids=[name for _, name, _ in BROKEN]
)
def test_each_seeded_fault_is_found_under_its_guarantee(guarantee: str, change: Break) -> None:
    assert guarantee in {violation.guarantee for violation in check(change(RUN))}


def test_every_rule_has_a_seeded_fault() -> None:
    assert {guarantee for guarantee, _, _ in BROKEN} == {*RULES, "empty"}

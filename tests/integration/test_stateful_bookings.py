"""Any history of bookings on the real store is as a small model says; seeded defects are found."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.component.running import migrated
from tests.integration.stateful.defects import DEFECTS
from tests.integration.stateful.machine import Histories
from tests.integration.stateful.process import started, with_set_clock

# A longer run: BOOKWITH_HISTORIES=2000. The same run again: BOOKWITH_HISTORIES_SEED=<number>.
ASKED = os.environ.get("BOOKWITH_HISTORIES")
SEED = int(os.environ.get("BOOKWITH_HISTORIES_SEED") or random.SystemRandom().getrandbits(32))
MOST_FOR_A_DEFECT = 100


def profile(examples: int, *, shrink: bool = False) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        print_blob=shrink,
        # A shorter history of what was found costs minutes: only the longer run looks for it.
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def histories(database_url_factory: Callable[[str], str]) -> Iterator[type[Histories]]:
    """The state machine with two processes of booking on one database."""
    url = migrated(database_url_factory("booking"), "booking")
    with asyncio.Runner() as runner:
        runner.run(with_set_clock(url))
        processes = (runner.run(started(url)), runner.run(started(url)))

        class OnThisStore(Histories):
            """The machine of this test."""

        OnThisStore.runner, OnThisStore.processes = runner, processes
        yield OnThisStore
        for process in processes:
            runner.run(process.close())


@pytest.mark.timeout(0 if ASKED else 600)
def test_any_history_of_bookings_is_as_the_model_says(histories: type[Histories]) -> None:
    print(f"BOOKWITH_HISTORIES_SEED={SEED}")
    chosen = profile(int(ASKED or 25), shrink=bool(ASKED))
    run_state_machine_as_test(seed(SEED)(histories), settings=chosen)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("defect", "soon"), DEFECTS.items(), ids=[each.__name__ for each in DEFECTS]
)
def test_the_machine_finds_a_seeded_defect(
    histories: type[Histories], defect: Callable[[], AbstractContextManager[None]], soon: int
) -> None:
    with defect(), pytest.raises(AssertionError):
        run_state_machine_as_test(seed(soon)(histories), settings=profile(MOST_FOR_A_DEFECT))

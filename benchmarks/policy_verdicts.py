"""A dry run of an organization's switch: for many users, and for ten times as many."""

import time
from functools import partial

from benchmarks.ground import Ground, opened
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.policy_users import give_each_own_settings, policy_database
from services.chassis.postgres.database import Database
from services.policy.domain.organization import ChangeOrganizationPolicy
from services.policy.preview import preview_organization

USERS, TIMES = 50_000, 10
LONGEST_SECONDS = 2.0
SWITCH_OFF = ChangeOrganizationPolicy(patch={"ews_enabled": False}, by="ada", reason="A benchmark")


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure both numbers of users; how long it takes at worst is a note."""
    few = await policy_database(ground, "benchmark_verdicts_few", USERS)
    many = await policy_database(ground, "benchmark_verdicts_many", USERS * TIMES)
    async with opened(few, size=2) as small, opened(many, size=2) as large:
        ours, anchor = partial(_dry_run, large, USERS * TIMES), partial(_dry_run, small, USERS)
        found, anchors = await in_turn(ours, anchor, samples)
        await give_each_own_settings(few)
        worst = await _dry_run(small, USERS)
    seconds = anchors.median / 1000
    verdict = "held" if max(seconds, worst / 1000) <= LONGEST_SECONDS else "missed"
    return Finding(
        name="policy_verdicts",
        claim=f"a dry run of the organization's switch for {USERS * TIMES:,} users",
        anchor=f"the same for {USERS:,} users",
        unit="ms",
        bar=Bar("at most", TIMES * 1.2),
        ours=found,
        anchors=anchors,
        notes=(
            (
                f"For {USERS:,} users of whom each has settings of their own: {worst:,.0f} ms. "
                f"At most {LONGEST_SECONDS:g} s for {USERS:,} users: {verdict}."
            ),
        ),
    )


async def _dry_run(database: Database, users: int) -> float:
    started = time.perf_counter()
    async with database.connection() as connection:
        seen = await preview_organization(connection, SWITCH_OFF)
    assert (users, 0) == (seen.effect.losses, seen.effect.remaining)
    return (time.perf_counter() - started) * 1000

"""A visitor who sends a thousand requests a minute, and what others notice of it."""

from benchmarks import abuse


async def test_a_flood_of_one_visitor_ends_at_the_budgets_and_others_go_on() -> None:
    """The ten minutes of it are `python -m benchmarks.abuse`."""
    outcome = await abuse.run(seconds=15)

    assert [] == outcome.faults()

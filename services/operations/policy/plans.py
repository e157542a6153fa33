"""Plans in print: who would gain a page, who would lose it, what it warns of."""

from typing import Any

from services.operations.output import print_data
from services.operations.policy.history import differences

_SHOWN = 100


def print_plan(plan: dict[str, Any], *, as_json: bool) -> None:
    """Print a plan with the command that carries it out."""
    if as_json:
        print_data(plan)
        return
    print(f"Plan {plan['number']}: {plan['reason']}")
    for line in differences(plan["before"], plan["after"]):
        print(f"  {line}")
    print_effect(plan)
    if plan["applied_at"]:
        print(f"It was carried out at {plan['applied_at']}.")
        return
    print("Nothing has been changed.")
    yes = " --yes" if plan["warnings"] else ""
    print(f"To carry it out: bookwith policy apply {plan['number']}{yes}")


def print_effect(plan: dict[str, Any]) -> None:
    """Print the counts, the first hundred of each, and the warnings."""
    print(
        f"{_users(plan['gains'])} would gain a page, {_users(plan['losses'])} would lose it; "
        f"{_users(plan['remaining'])} would then have one."
    )
    for heading, count, ids in (
        ("Would gain it", plan["gains"], plan["gaining"]),
        ("Would lose it", plan["losses"], plan["losing"]),
    ):
        if ids:
            first = f" (the first {len(ids)})" if count > len(ids) else ""
            print(f"{heading}{first}:")
            for each in ids[:_SHOWN]:
                print(f"  {each}")
    for warning in plan["warnings"]:
        print(f"Warning: {warning['detail']}")


def _users(count: int) -> str:
    return f"{count:,} user" if count == 1 else f"{count:,} users"

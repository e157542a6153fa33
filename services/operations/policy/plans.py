"""Plans in print: who would gain a page, who would lose it, what it warns of."""

from typing import Any

from services.operations.output import print_data
from services.operations.policy.access import PolicyApi
from services.operations.policy.history import differences

_SHOWN = 100


def print_plan(api: PolicyApi, plan: dict[str, Any], *, as_json: bool) -> None:
    """Print a plan with the command that carries it out."""
    if as_json:
        print_data(plan)
        return
    print(f"Plan {plan['number']}: {plan['reason']}")
    for line in differences(plan["before"], plan["after"]):
        print(f"  {line}")
    print_effect(api, plan)
    if plan["applied_at"]:
        print(f"It was carried out at {plan['applied_at']}.")
        return
    print("Nothing has been changed.")
    yes = " --yes" if plan["warnings"] else ""
    print(f"To carry it out: bookwith policy apply {plan['number']}{yes}")


def print_effect(api: PolicyApi, plan: dict[str, Any]) -> None:
    """Print the counts, the first hundred of each, and the warnings."""
    print(
        f"{users(plan['gains'])} would gain a page, {users(plan['losses'])} would lose it; "
        f"{users(plan['remaining'])} would then have one."
    )
    for heading, count, ids in (
        ("Would gain it", plan["gains"], plan["gaining"]),
        ("Would lose it", plan["losses"], plan["losing"]),
    ):
        if ids:
            first = f" (the first {len(ids)})" if count > len(ids) else ""
            print(f"{heading}{first}:")
            for each in ids[:_SHOWN]:
                print(f"  {each}{_description(api, each)}")
    for warning in plan["warnings"]:
        print(f"Warning: {warning['detail']}")


def _description(api: PolicyApi, user_id: str) -> str:
    """Return what the directory knows of the user, to stand behind the id."""
    page, _ = api.get(f"/users?search={user_id}&limit=1")
    for found in page["items"]:
        known = [found["display_name"] or found["user_name"], found["mail"]]
        if words := ", ".join(each for each in known if each):
            return f"  {words}"
    return ""


def users(count: int) -> str:
    """Return how many users."""
    return f"{count:,} user" if count == 1 else f"{count:,} users"

"""Commands that carry a plan out, and that undo a change."""

from typing import Annotated

import typer

from services.operations.output import Exit, Failure, Json, failures, print_data
from services.operations.policy.change import Consent, asked_reason, refuse
from services.operations.policy.options import Reason, Yes, api_of
from services.operations.policy.plans import print_effect
from services.operations.policy.reading import changes


def apply(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The number that --dry-run printed.")],
    reason: Annotated[
        str | None, typer.Option("--reason", help="Instead of the one that the plan was made with.")
    ] = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Carry a plan out, unless things have changed since it was made."""
    with failures(as_json=as_json):
        api = api_of(context)
        body = {"reason": reason or "", "confirm": yes}
        answer = api.call("POST", f"/plans/{number}/apply", body)
        refuse(answer, Consent(reason=reason or "of the plan", as_json=as_json))
        plan = answer.json()
        if as_json:
            print_data(plan)
            return
        print(f"Plan {number} was carried out at {plan['applied_at']}.")
        counts = f"{plan['gains']:,} gained a page, {plan['losses']:,} lost it"
        print(f"{counts}; {plan['remaining']:,} have one.")


def undo(
    context: typer.Context,
    change: Annotated[
        str | None, typer.Argument(help="The id of a change (`policy audit`), or of an import.")
    ] = None,
    reason: Reason = None,
    *,
    last: Annotated[
        bool, typer.Option("--last", help="The newest change, whoever made it.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Bring back what a change, or a whole import, has altered."""
    with failures(as_json=as_json):
        raise NotImplementedError(print_effect, Exit, Failure, changes, asked_reason)

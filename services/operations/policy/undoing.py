"""Commands that carry a plan out, and that undo a change."""

from typing import Annotated, Any
from uuid import UUID

import typer

from services.operations.output import Exit, Failure, Json, failures, print_data
from services.operations.policy.access import PolicyApi
from services.operations.policy.auditing import records
from services.operations.policy.batches import undo_import
from services.operations.policy.change import Consent, refuse
from services.operations.policy.history import line_of_change
from services.operations.policy.import_progress import IMPORT
from services.operations.policy.options import Yes, api_of
from services.operations.policy.plans import users


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
    """Carry a plan out. Refused if things have changed since."""
    with failures(as_json=as_json):
        api = api_of(context)
        body = {"reason": reason or "", "confirm": yes}
        answer = api.call("POST", f"/plans/{number}/apply", body)
        refuse(answer, Consent(reason=None))
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
    reason: Annotated[
        str | None, typer.Option("--reason", help="Instead of saying which change it undoes.")
    ] = None,
    *,
    last: Annotated[
        bool, typer.Option("--last", help="The newest change, whoever made it.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Undo a change, or a whole import."""
    with failures(as_json=as_json):
        if last == bool(change):
            message = "Say what to undo: the id of a change, or --last."
            raise Failure(Exit.USAGE, message, "`bookwith policy audit` lists the changes.")
        api = api_of(context)
        undone = _newest(api, quiet=as_json) if change is None else change
        if undone.startswith(IMPORT):
            _print_import(undo_import(api, undone, reason or "", yes=yes), as_json=as_json)
            return
        if not _is_id(undone):
            raise Failure(Exit.USAGE, f"{undone} is the id of no change and of no import.")
        body = {"reason": reason or "", "confirm": yes}
        answer = api.call("POST", f"/changes/{undone}/undo", body)
        refuse(answer, Consent(reason=None))
        if as_json:
            print_data(answer.json())
        else:
            print("It is as before again. To undo that: bookwith policy undo --last")


def _newest(api: PolicyApi, *, quiet: bool) -> str:
    """Return the newest change, or the import that it is a part of; print which it is."""
    found = records(api, 1, {"outcome": "made"})
    if not found:
        raise Failure(Exit.NOT_FOUND, "Nothing has been changed yet.")
    [newest] = found
    chain = str(newest["correlation_id"] or "")
    of_import = chain.startswith(IMPORT)
    if not quiet:
        of = f"The import {chain}, of which the last line is " if of_import else ""
        print(f"Undoing: {of}{line_of_change(newest)}")
    return chain if of_import else str(newest["id"])


def _print_import(done: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_data(done)
        return
    print(f"As before again: {users(done['users'])}.")
    for each in done["kept"]:
        names = ", ".join(each["settings"])
        print(f"  {each['user_id']} stays: a later change has altered {names}.")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

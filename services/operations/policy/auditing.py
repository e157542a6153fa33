"""`bookwith policy audit`: the changes and refused attempts, found by whom, what and when."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from services.operations.output import Json, failures, print_data
from services.operations.policy.access import PolicyApi
from services.operations.policy.history import line_of_change
from services.operations.policy.options import MOMENT_FORMS, api_of

_PAGE = 200


def audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many of the newest.")] = 20,
    who: Annotated[str | None, typer.Option("--who", help="By whom: an identity or id.")] = None,
    whom: Annotated[
        str | None, typer.Option("--whom", help="About whom: a user or a sharing policy.")
    ] = None,
    what: Annotated[
        str | None,
        typer.Option("--what", help="organization, user, sharing_policy, users, plan or change."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=MOMENT_FORMS, help="The first moment.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=MOMENT_FORMS, help="The moment after it.")
    ] = None,
    *,
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    as_json: Json = False,
) -> None:
    """List changes and refused attempts."""
    with failures(as_json=as_json):
        wanted = {
            "who": who,
            "whom": whom,
            "what": what,
            "from": since and since.astimezone().isoformat(),
            "to": until and until.astimezone().isoformat(),
            "outcome": "refused" if refused else None,
        }
        given = {name: value for name, value in wanted.items() if value}
        found = records(api_of(context), limit, given)[::-1]
        if as_json:
            print_data(found)
            return
        for each in found:
            print(line_of_change(each))
        if not found:
            print("There is nothing of that kind yet.")


def records(api: PolicyApi, limit: int, wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Return the newest records of the audit, the newest first."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < limit:
        asked = {**wanted, "order": "newest", "limit": str(min(limit - len(found), _PAGE))}
        page, _ = api.get(f"/audit?{urlencode(asked | ({'cursor': cursor} if cursor else {}))}")
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found

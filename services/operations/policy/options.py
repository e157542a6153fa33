"""What the commands of policy have in common: where the API is, and what comes with a change."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

import typer

from services.operations.command_line import Installation
from services.operations.policy.access import PolicyApi, connect
from services.operations.policy.change import Change
from services.operations.policy.settings import MAILBOX, ORGANIZATION, SHARING, Resource

HELP_OF_CREDENTIALS = (
    "File with the access token, `-` for standard input; else it is in BOOKWITH_TOKEN. "
    "Both options stand before the command."
)
# In the time zone of whoever types, unless it names its own.
MOMENT_FORMS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]
Identity = Annotated[
    str, typer.Option("--identity", help="The user: as they are named at sign-in, or their id.")
]
Name = Annotated[str, typer.Option("--identity", help="The name of the sharing policy.")]
Reason = Annotated[
    str | None,
    typer.Option("--reason", help="Why; kept with the change. Asked for when it is missing."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Change nothing; say who would gain or lose a page.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Change it although it warns of something.")]
IfMatch = Annotated[
    str | None,
    typer.Option(
        "--if-match",
        metavar="ETAG",
        help="Refuse it when anything has changed since: the `etag` that get-... --json printed.",
    ),
]
Clear = Annotated[
    list[str] | None,
    typer.Option("--clear", metavar="SETTING", help="Empty this setting; can be repeated."),
]


@dataclass(frozen=True, slots=True)
class Connection:
    """What was said of where the API is; it is asked only when a command needs it."""

    installation: Installation | None
    url: str | None
    token_file: str | None


def api_of(context: typer.Context) -> PolicyApi:
    """Return the API; raise Failure."""
    found = context.find_object(Connection)
    assert found is not None
    return connect(found.installation, found.url, found.token_file)


def path_of(resource: Resource, name: str | None) -> str:
    """Return where the API has the resource of that name."""
    if resource is ORGANIZATION:
        return "/organization"
    return (
        f"{'/users' if resource is MAILBOX else '/sharing-policies'}/{quote(name or '', safe='')}"
    )


def change_of(resource: Resource, name: str | None, body: dict[str, object]) -> Change:
    """Return the change of the resource of that name."""
    return Change(
        resource=resource,
        method="PUT" if resource is SHARING else "PATCH",
        path=path_of(resource, name),
        body=body,
        shown={"identity": name} if resource is MAILBOX else {},
    )

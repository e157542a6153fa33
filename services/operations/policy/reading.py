"""Commands that show: settings, a user's verdict in words, a plan, the changes."""

import os
from datetime import datetime
from typing import Annotated, Any

import typer

from services.operations.output import Exit, Failure, Json, failures, print_data
from services.operations.policy.access import PolicyApi
from services.operations.policy.options import MOMENT_FORMS, Identity, Name, api_of, path_of
from services.operations.policy.plans import print_plan
from services.operations.policy.printing import format_list
from services.operations.policy.settings import MAILBOX, ORGANIZATION, SHARING, Property, Resource


def read(api: PolicyApi, resource: Resource, name: str | None) -> dict[str, Any]:
    """Return the settings as they stand, with their ETag; raise Failure."""
    document, tag = api.get(path_of(resource, name))
    document.pop("warnings", None)
    if resource is MAILBOX:
        document = {"identity": name, **document}
    return {**document, "etag": tag}


def _show(context: typer.Context, resource: Resource, name: str | None, *, as_json: bool) -> None:
    with failures(as_json=as_json):
        document = read(api_of(context), resource, name)
        if as_json:
            print_data(document)
        else:
            print(format_list(document, resource.properties))


def get_organization_config(context: typer.Context, *, as_json: Json = False) -> None:
    """Show the organization's settings."""
    _show(context, ORGANIZATION, None, as_json=as_json)


def get_cas_mailbox(context: typer.Context, identity: Identity, *, as_json: Json = False) -> None:
    """Show a user's settings. PageEnabled: whether they may have a page."""
    _show(context, MAILBOX, identity, as_json=as_json)


def get_sharing_policy(
    context: typer.Context, identity: Name = "Default Sharing Policy", *, as_json: Json = False
) -> None:
    """Show a sharing policy."""
    _show(context, SHARING, identity, as_json=as_json)


def get_licence(context: typer.Context, identity: Identity, *, as_json: Json = False) -> None:
    """Show a user's licence. Without one LicenceDefault counts."""
    with failures(as_json=as_json):
        document = read(api_of(context), MAILBOX, identity)
        names = ("identity", "plan", "assigned", "enabled")
        shown = {"identity": identity, **(document["licence"] or {})}
        if as_json:
            print_data(shown)
        else:
            print(format_list(shown, [Property(each.capitalize(), (each,)) for each in names]))


def explain(
    context: typer.Context,
    identity: Identity,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=MOMENT_FORMS,
            help="How it was then; in your time zone unless it says its own.",
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="da or en; the locale's when left out.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say in words why a user has a page or has none."""
    with failures(as_json=as_json):
        chosen = language or _language_of_locale()
        if chosen not in ("da", "en"):
            raise Failure(Exit.USAGE, f"{chosen} is no language here: da or en.")
        moment = f"?as_of={as_of.astimezone().isoformat().replace('+', '%2B')}" if as_of else ""
        found, _ = api_of(context).get(f"{path_of(MAILBOX, identity)}/effective{moment}")
        if as_json:
            print_data(found)
            return
        for sentence in found["explanation"][chosen]:
            print(sentence)


def _language_of_locale() -> str:
    variables = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "da" if next(filter(None, variables), "").startswith("da") else "en"


def plan(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The number that --dry-run printed.")],
    *,
    as_json: Json = False,
) -> None:
    """Show what a dry run has found."""
    with failures(as_json=as_json):
        api = api_of(context)
        found, _ = api.get(f"/plans/{number}")
        print_plan(api, found, as_json=as_json)

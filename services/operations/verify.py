"""`bookwith verify audit`: is the audit of policy whole, to its end; each break is named."""

from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.progress import Progress, TextColumn

from services.operations.command_line import Installation
from services.operations.output import Exit, Failure, Json, error_console, failures, show
from services.operations.policy.access import PolicyApi, connect

app = typer.Typer(rich_markup_mode=None)
verify = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(verify, name="verify")

SHOWN_FAULTS = 100
_PATH = "/operator/audit-verification"
_WRITE_DOWN = "Keep this head elsewhere: `--head` finds with it whether the end was cut off."


@verify.callback()
def group() -> None:
    """Whether what is stored is whole: the audit."""


@verify.command()
def audit(
    context: typer.Context,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="NUMBER:DIGEST",
            help="A head that was printed before: finds a cut end and a chain written anew.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="BOOKWITH_POLICY_URL",
            help="Address of the policy service; the local stack's when left out.",
        ),
    ] = None,
    token_file: Annotated[
        str | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="File with an operator's access token, `-` for standard input; "
            "else it is in BOOKWITH_TOKEN.",
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Check each record of the audit against the one before it, and against its stored event.

    Ends with 0 when all fits, with 1 when something does not.
    """
    with failures(as_json=as_json):
        api = connect(context.find_object(Installation), url, token_file)
        found = _verified(api, head)
        if not found["faults"]:
            show(found, as_json=as_json, text=lambda: _whole(found))
            return
        raise _broken(found)


def _verified(api: PolicyApi, head: str | None) -> dict[str, Any]:
    """Return what all pages have found together."""
    records, after, faults = 0, None, []
    asked = {"head": head} if head else {}
    bar = Progress(TextColumn("{task.description}"), console=error_console, transient=True)
    with bar:
        task = bar.add_task("Checking the audit")
        while True:
            query = {**asked, **({"after": after} if after else {})}
            page, _ = api.get(f"{_PATH}?{urlencode(query)}")
            records, after = records + page["records"], page["head"]
            faults += page["faults"]
            bar.update(task, description=f"{records} records checked")
            if not page["more"]:
                return {"records": records, "head": after, "faults": faults}


def _whole(found: dict[str, Any]) -> str:
    return f"{found['records']} records, whole to the end.\nhead {found['head']}\n{_WRITE_DOWN}"


def _broken(found: dict[str, Any]) -> Failure:
    lines = [f"{_named(each)}: {each['detail']}." for each in found["faults"][:SHOWN_FAULTS]]
    count = len(found["faults"])
    beginning = f"The audit is broken in {count} place{'s' if count > 1 else ''}"
    more = f"\n... and {count - SHOWN_FAULTS} more" if count > SHOWN_FAULTS else ""
    return Failure(
        Exit.FAILED,
        f"{beginning}; {found['records']} records were checked.\n" + "\n".join(lines) + more,
        "docs/operations.md says what to do: Is the audit whole?",
        found,
    )


def _named(fault: dict[str, Any]) -> str:
    place = "An event" if fault["number"] is None else f"Record {fault['number']}"
    return f"{place} of {fault['time']}" if fault["time"] else place

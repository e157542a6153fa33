"""`bookwith policy`: the administrators' commands, in Exchange's names."""

from typing import Annotated

import typer

from services.operations.policy import (
    auditing,
    importing,
    powershell_command,
    reading,
    setting,
    undoing,
)
from services.operations.policy.options import HELP_OF_CREDENTIALS, Connection

app = typer.Typer(rich_markup_mode=None)
policy = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(policy, name="policy")


@policy.callback()
def group(
    context: typer.Context,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="BOOKWITH_POLICY_URL",
            help="Address of the policy service; the local stack's when left out.",
        ),
    ] = None,
    token_file: Annotated[
        str | None, typer.Option("--token-file", metavar="FILE", help=HELP_OF_CREDENTIALS)
    ] = None,
) -> None:
    """Who may have a page: settings, plans, imports, and why."""
    context.obj = Connection(context.obj, url, token_file)


policy.command("get-organization-config")(reading.get_organization_config)
policy.command("set-organization-config")(setting.set_organization_config)
policy.command("get-cas-mailbox")(reading.get_cas_mailbox)
policy.command("set-cas-mailbox")(setting.set_cas_mailbox)
policy.command("get-licence")(reading.get_licence)
policy.command("set-licence")(setting.set_licence)
policy.command("get-sharing-policy")(reading.get_sharing_policy)
policy.command("set-sharing-policy")(setting.set_sharing_policy)
policy.command("powershell")(powershell_command.powershell)
policy.command("explain")(reading.explain)
policy.command("import")(importing.import_)
policy.command("plan")(reading.plan)
policy.command("apply")(undoing.apply)
policy.command("audit")(auditing.audit)
policy.command("undo")(undoing.undo)

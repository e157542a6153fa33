"""`bookwith policy powershell`: Exchange's own lines, as they stand in its documents."""

from typing import Annotated

import typer

from services.operations.output import Exit, Failure, Json, failures, print_data
from services.operations.policy.change import Consent, carry_out
from services.operations.policy.options import DryRun, IfMatch, Reason, Yes, api_of, change_of
from services.operations.policy.powershell import Read, understand
from services.operations.policy.powershell_tokens import NotUnderstood
from services.operations.policy.printing import format_list
from services.operations.policy.reading import read

_UNDERSTOOD = (
    "Understood are Get- and Set-OrganizationConfig, -CASMailbox and -SharingPolicy with "
    "-Name value, -Name:value, $true, $false, $null, 'texts', lists, @{Add=...; Remove=...}, "
    "and `| Format-List`; docs/administrators.md has all of it."
)


def powershell(
    context: typer.Context,
    line: Annotated[str, typer.Argument(help="One line, in quotes.")],
    reason: Reason = None,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Run a PowerShell line of Exchange. Such as 'Get-OrganizationConfig | fl Ews*'."""
    with failures(as_json=as_json):
        try:
            asked = understand(line)
        except NotUnderstood as fault:
            raise _failure(line, fault) from fault
        api = api_of(context)
        if isinstance(asked, Read):
            document = read(api, asked.resource, asked.name)
            if as_json:
                print_data({each.name: each.of(document) for each in asked.properties})
            else:
                print(format_list(document, asked.properties))
            return
        consent = Consent(
            reason=reason,
            dry_run=dry_run or asked.dry_run,
            yes=yes or asked.yes,
            if_match=if_match,
            as_json=as_json,
        )
        carry_out(api, change_of(asked.resource, asked.name, asked.body), consent)


def _failure(line: str, fault: NotUnderstood) -> Failure:
    printable = "".join(each if each.isprintable() else "?" for each in line)
    pointed = f"{printable}\n{' ' * (fault.column - 1)}^"
    message = f"{pointed}\nColumn {fault.column}: {fault.message} Nothing has been run."
    return Failure(Exit.USAGE, message, _UNDERSTOOD, data={"column": fault.column})

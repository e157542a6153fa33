"""Exchange's own lines, copied out of its document, run as they stand against a policy service."""

import re
from pathlib import Path

import pytest

from services.operations.policy.settings import MAILBOX, ORGANIZATION
from tests.component.policy.command_line import Shell
from tests.powershell_lines import line_of_printed

DOCUMENT = Path(__file__).parent / "bookings-with-me.da.md"
LINES = [
    line.strip()
    for block in re.findall(r"```PowerShell\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
OURS = "MicrosoftOWSPersonalBookings"
DEFAULT_DOMAINS = "Anonymous:CalendarSharingFreeBusyReviewer"
WHY = ("--reason", "As the document says", "--yes")
GET_SHARING, SET_SHARING, GET_SWITCH, SET_SWITCH, GET_LISTS = LINES[:5]
LEVELS = {
    "organization": (GET_LISTS, LINES[5:10], "set-organization-config", ()),
    "user": (LINES[11], LINES[12:17], "set-cas-mailbox", ("--identity", "adam@contoso.com")),
}


@pytest.fixture(autouse=True)
def _nothing_set_for_adam(shell: Shell) -> None:
    empty: dict[str, object] = {"EwsEnabled": None, "EwsApplicationAccessPolicy": None}
    body = {**empty, "EwsAllowList": [], "EwsBlockList": [], "reason": "A test", "confirm": True}
    answer = shell.call("PATCH", "/users/adam@contoso.com", body, If_Match="*")
    assert answer.status_code == 200, answer.text


def powershell(shell: Shell, line: str) -> str:
    why = () if line.startswith("Get-") else WHY
    return shell.done("powershell", *why, line)


def may_have_a_page(shell: Shell) -> bool:
    done = shell.policy("explain", "--identity", "adam@contoso.com", "--json")
    return bool(done.data["enabled"])


def test_the_document_has_seventeen_lines() -> None:
    assert 17 == len(LINES)


def test_the_prerequisites_are_read_and_set(shell: Shell) -> None:
    shell.done("set-sharing-policy", "--domains", "null", *WHY)
    closed = powershell(shell, GET_SHARING), may_have_a_page(shell)
    changed = powershell(shell, SET_SHARING)
    again = powershell(shell, SET_SHARING)

    assert ("Domains : {}\n", False) == closed
    assert f"Changed:\nDomains : {{{DEFAULT_DOMAINS}}}\n" == changed
    assert "Nothing has changed: it was so already.\n" == again
    assert may_have_a_page(shell)


def test_the_organizations_switch_is_empty_at_first_and_then_on(shell: Shell) -> None:
    assert "EwsEnabled :\n" == powershell(shell, GET_SWITCH)
    assert "Changed:\nEwsEnabled : True\n" == powershell(shell, SET_SWITCH)
    assert "EwsEnabled : True\n" == powershell(shell, GET_SWITCH)


def test_the_users_switch_is_read(shell: Shell) -> None:
    shell.done("set-cas-mailbox", "--identity", "adam@contoso.com", "--ews-enabled", "true", *WHY)

    assert "EwsEnabled : True\n" == powershell(shell, LINES[10])


@pytest.mark.parametrize("level", LEVELS)
def test_the_three_branches_turn_a_user_off_and_on(shell: Shell, level: str) -> None:
    read, (remove, add, block, unblock, both), command, whom = LEVELS[level]

    def policy_is(value: str) -> None:
        shell.done(command, *whom, "--ews-application-access-policy", value, *WHY)

    found = []
    policy_is("EnforceAllowList")  # A
    for line in (add, remove, add):
        powershell(shell, line)
        found.append((powershell(shell, read), may_have_a_page(shell)))
    policy_is("EnforceBlockList")  # B
    for line in (block, unblock):
        powershell(shell, line)
        found.append((powershell(shell, read), may_have_a_page(shell)))
    policy_is("null")  # C
    powershell(shell, both)
    found.append((powershell(shell, read), may_have_a_page(shell)))

    assert [
        (_lists("EnforceAllowList", OURS, ""), True),
        (_lists("EnforceAllowList", "", ""), False),
        (_lists("EnforceAllowList", OURS, ""), True),
        (_lists("EnforceBlockList", OURS, OURS), False),
        (_lists("EnforceBlockList", OURS, ""), True),
        (_lists("EnforceBlockList", OURS, OURS), False),
    ] == found


def _lists(policy: str, allowed: str, blocked: str) -> str:
    return (
        f"EwsApplicationAccessPolicy : {policy}\n"
        f"EwsAllowList               : {{{allowed}}}\n"
        f"EwsBlockList               : {{{blocked}}}\n"
    )


def test_a_line_that_is_not_understood_changes_nothing_and_names_the_place(shell: Shell) -> None:
    line = 'Set-OrganizationConfig -EwsEnabled $false -EwsBlocklst @{Add="x"}'
    refused = shell.policy("powershell", *WHY, line)

    assert 2 == refused.code
    assert f"{line}\n{' ' * 42}^\nColumn 43: -EwsBlocklst is no parameter" in refused.err
    assert "-EwsBlockList" in refused.err
    assert "EwsEnabled :\n" == powershell(shell, GET_SWITCH)


def test_what_if_only_tries_and_confirm_false_consents(shell: Shell) -> None:
    line = "Set-OrganizationConfig -EwsEnabled $false"
    tried = shell.policy("powershell", "--reason", "Try", f"{line} -WhatIf")
    unconfirmed = shell.policy("powershell", "--reason", "Off", line)
    switch = powershell(shell, GET_SWITCH)
    confirmed = shell.policy("powershell", "--reason", "Off", f"{line} -Confirm:$false")

    assert (0, 6, 0) == (tried.code, unconfirmed.code, confirmed.code)
    assert "Nothing has been changed." in tried.out
    assert "EwsEnabled :\n" == switch
    assert "Changed:\nEwsEnabled : False\n" == confirmed.out


@pytest.mark.parametrize(
    "entries",
    [[], [OURS], ["a, b", "{c}", "it's", "*d", "True", "-e", "$f", "`g", "\u201ch\u201d", "#i"]],
)
def test_what_a_get_prints_set_again_changes_nothing(shell: Shell, entries: list[str]) -> None:
    lists = {"EwsAllowList": entries, "EwsBlockList": entries, "reason": "A test"}
    for path in ("/organization", "/users/adam@contoso.com"):
        answer = shell.call("PATCH", path, {**lists, "confirm": True}, If_Match="*")
        assert answer.status_code == 200, answer.text
    whom = "-Identity adam@contoso.com"

    user = powershell(shell, f"Get-CASMailbox {whom} | fl Ews*,SharingPolicy")
    everybody = powershell(shell, "Get-OrganizationConfig | fl Ews*,*Mode,*Id,*Default,Book*")
    again = [
        powershell(shell, line_of_printed(MAILBOX, user, whom)),
        powershell(shell, line_of_printed(ORGANIZATION, everybody, "")),
    ]

    assert ["Nothing has changed: it was so already.\n"] * 2 == again

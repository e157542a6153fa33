"""`bookwith policy` as an administrator types it: settings, reasons, warnings, plans, refusals."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.component.policy.command_line import Shell
from tests.running_service import ROOT, free_port

OURS = "MicrosoftOWSPersonalBookings"
WHY = ("--reason", "A test", "--yes")
OFF = ("set-organization-config", "--ews-enabled", "false")


@pytest.fixture
def anna(shell: Shell, request: pytest.FixtureRequest) -> str:
    """Somebody whom no other test names."""
    return f"anna-{request.node.name}".replace("[", "-").replace("]", "")


def test_the_organization_is_set_by_every_option_and_shown(shell: Shell) -> None:
    shell.done(
        "set-organization-config", "--ews-enabled", "TRUE", "--mode", "User_Overrides_Org",
        "--ews-application-access-policy", "enforceallowlist", "--ews-allow-list-add", OURS,
        "--ews-allow-list-add", "Mail*", "--ews-block-list", "A, b", "--ews-block-list", "C",
        "--licence-default", "false", "--sharing-mode", "strict", "--bookings-enabled", "false",
        *WHY,
    )  # fmt: skip
    shown = shell.done("get-organization-config")
    changed = shell.done("set-organization-config", "--ews-allow-list-remove", "mail*", *WHY)
    emptied = shell.done(
        "set-organization-config", "--ews-enabled", "", "--clear", "ews-block-list",
        "--ews-application-access-policy", "null", "--sharing-mode", "any_anonymous",
        "--clear", "--bookings-enabled", *WHY,
    )  # fmt: skip

    assert shown.startswith(
        "EwsEnabled                 : True\n"
        "EwsApplicationAccessPolicy : EnforceAllowList\n"
        f"EwsAllowList               : {{{OURS}, Mail*}}\n"
        "EwsBlockList               : {'A, b', C}\n"
        "Mode                       : user_overrides_org\n"
        f"ApplicationId              : {OURS}\n"
        "LicenceDefault             : False\n"
        "SharingMode                : strict\n"
        "BookingsEnabled            : False\n"
        "PolicyVersion              : "
    )
    assert f"Changed:\nEwsAllowList : {{{OURS}}}\n" == changed
    assert "EwsEnabled                 :\n" in emptied
    assert "EwsBlockList               : {}\n" in emptied


def test_a_user_a_licence_and_a_sharing_policy_are_set_and_shown(shell: Shell, anna: str) -> None:
    made = shell.done(
        "set-sharing-policy", "--identity", anna, "--domains", "*:CalendarSharingFreeBusySimple",
        *WHY,
    )  # fmt: skip
    shell.done("set-sharing-policy", "--identity", anna, "--enabled", "false", *WHY)
    policy = shell.done("get-sharing-policy", "--identity", anna.upper())
    shell.done("set-cas-mailbox", "--identity", anna, "--sharing-policy", anna, *WHY)
    shell.done("set-licence", "--identity", anna, "--plan", "E3", "--disabled", *WHY)
    user = shell.done("get-cas-mailbox", "--identity", anna)
    licence = shell.done("get-licence", "--identity", anna)
    shell.done("set-licence", "--identity", anna, "--clear", *WHY)

    assert "Domains : {*:CalendarSharingFreeBusySimple}\n" in made
    assert "Enabled : False\n" in policy
    assert f"SharingPolicy              : {anna}\n" in user
    lines = [line.partition(":") for line in user.splitlines()]
    shown = {name.strip(): value.strip() for name, _, value in lines}
    assert ("E3", "False", "True", "False") == tuple(
        shown[name] for name in ("LicencePlan", "LicenceEnabled", "Active", "PageEnabled")
    )
    assert f"Identity : {anna}\nPlan     : E3\nAssigned : True\nEnabled  : False\n" == licence
    assert "Plan     :\n" in shell.done("get-licence", "--identity", anna)


def test_a_change_without_a_reason_says_what_to_type(shell: Shell) -> None:
    done = shell.policy(*OFF, "--yes")
    document = shell.policy(*OFF, "--yes", "--json")

    assert 2 == done.code == document.code
    assert "Say why" in done.err
    assert f"Type: bookwith policy {' '.join(OFF)} --yes --reason" in done.err
    assert "usage" == document.error["code"]


def test_what_warns_is_made_with_yes_only_and_the_command_is_printed(shell: Shell) -> None:
    refused = shell.policy(*OFF, "--reason", "It's over")
    document = shell.policy(*OFF, "--reason", "It's over", "--json")
    before = shell.done("get-organization-config")
    command = refused.err.strip().splitlines()[-1].removeprefix("If it is meant so: ")
    spoken = subprocess.run(  # as a shell reads it
        ["bash", "-c", f'bookwith() {{ printf "%s\\n" "$@"; }}; {command}'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    done = shell.policy(*spoken.stdout.splitlines()[1:])

    assert 6 == refused.code == document.code
    assert "Warning: " in refused.err
    assert "Nothing has been changed." in refused.err
    assert ["locks_out_everyone"] == [each["code"] for each in document.error["warnings"]]
    assert "not_confirmed" == document.error["code"]
    assert "EwsEnabled                 :\n" in before
    assert (0, "Changed:\nEwsEnabled : False\n") == (done.code, done.out)


def test_a_dry_run_is_a_plan_that_is_carried_out_by_its_number(shell: Shell, anna: str) -> None:
    shell.done("set-cas-mailbox", "--identity", anna, "--ews-enabled", "true", *WHY)
    described = shell.home / "names.csv"
    described.write_text(f"user,display_name,mail\n{anna},Anna Å,anna@bridges.example\n", "utf-8")
    shell.done("import", str(described), *WHY)
    off = ("set-cas-mailbox", "--identity", anna, "--ews-enabled", "false", "--reason", "Leave")
    tried = shell.done(*off, "--dry-run")
    [number] = re.findall(r"(?m)^Plan (\d+): Leave$", tried)
    shown = shell.done("plan", number)
    kept = shell.done("get-cas-mailbox", "--identity", anna)
    applied = shell.done("apply", number)

    assert "  EwsEnabled: True -> False\n0 users would gain a page, 1 user would lose it; " in tried
    assert f"Would lose it:\n  {shell.sign_in.id_of(anna)}  Anna Å, anna@bridges.example\n" in tried
    assert f"To carry it out: bookwith policy apply {number}\n" in tried
    assert tried == shown
    assert "PageEnabled                : True\n" in kept
    assert "0 gained a page, 1 lost it; 0 have one." in applied
    assert "It was carried out at" in shell.done("plan", number)
    assert 3 == shell.policy("plan", "999999").code == shell.policy("apply", "999999").code


def test_a_plan_that_warns_needs_yes_and_one_that_is_outdated_says_what_changed(
    shell: Shell, anna: str
) -> None:
    number = shell.policy(*OFF, "--reason", "Off", "--dry-run", "--json").data["number"]
    unconfirmed = shell.policy("apply", str(number))
    shell.done("set-organization-config", "--ews-enabled", "true", "--reason", "Faster")
    outdated = shell.policy("apply", str(number), "--yes")

    assert 6 == unconfirmed.code
    assert f"bookwith policy apply {number} --yes" in unconfirmed.err
    assert 4 == outdated.code
    assert "EwsEnabled: empty -> True  (Faster)" in outdated.err


def test_the_slower_of_two_administrators_is_told_what_the_other_has_changed(
    shell: Shell, anna: str
) -> None:
    get = ("get-cas-mailbox", "--identity", anna, "--json")
    tag = shell.policy(*get).data["etag"]
    body = {"EwsBlockList": ["Mail"], "reason": "Faster"}
    shell.call("PATCH", f"/users/{anna}", body, If_Match=tag)

    slower = shell.policy(
        "set-cas-mailbox", "--identity", anna, "--ews-enabled", "false", "--reason", "Slower",
        "--if-match", tag,
    )  # fmt: skip

    assert 4 == slower.code
    assert "EwsBlockList: {} -> {Mail}  (Faster)" in slower.err
    assert f"by {shell.sign_in.id_of('grace')}" in slower.err
    assert shell.policy(*get).data["EwsEnabled"] is None


def test_the_last_change_is_undone_by_one_command_and_so_is_its_undoing(
    shell: Shell, anna: str
) -> None:
    get = ("get-cas-mailbox", "--identity", anna, "--json")
    shell.done("set-cas-mailbox", "--identity", anna, "--ews-enabled", "false", *WHY)
    undone = shell.done("undo", "--last")
    first = shell.policy(*get).data["EwsEnabled"]
    change = shell.policy("audit", "--limit", "1", "--json").data[0]
    shell.done("undo", change["id"], "--reason", "Meant after all")

    assert "EwsEnabled: empty -> False  (A test)" in undone
    assert (None, False) == (first, shell.policy(*get).data["EwsEnabled"])
    assert "(Meant after all)" in shell.done("audit", "--limit", "1")
    assert [2, 2, 2] == [
        shell.policy(*words).code
        for words in (("undo",), ("undo", change["id"], "--last"), ("undo", "yesterday"))
    ]


@pytest.mark.parametrize(
    ("locale", "words"),
    [("da_DK.UTF-8", "Derfor må brugeren ikke have en side"), ("C", "So the user may not have")],
)
def test_the_verdict_is_explained_in_the_words_of_the_locale(
    shell: Shell, anna: str, locale: str, words: str
) -> None:
    shell.done("set-cas-mailbox", "--identity", anna, "--ews-enabled", "false", *WHY)

    done = shell.policy("explain", "--identity", anna, LC_ALL=locale)

    sentences = done.out.splitlines()
    assert sentences[0].startswith("EwsEnabled")
    assert sentences[4].startswith(words)
    assert 2 == shell.policy("explain", "--identity", anna, "--language", "de").code


def test_the_verdict_is_explained_as_of_a_moment(shell: Shell, anna: str) -> None:
    shell.done("set-cas-mailbox", "--identity", anna, "--ews-enabled", "true", *WHY)
    change = shell.policy("audit", "--limit", "1", "--json").data[0]
    shell.done("set-cas-mailbox", "--identity", anna, "--ews-enabled", "false", *WHY)
    moment = change["when"][:19]

    now = shell.policy("explain", "--identity", anna, "--json")
    then = shell.policy("explain", "--identity", anna, "--as-of", f"{moment}+0100", "--json")
    wrong = shell.policy("explain", "--identity", anna, "--as-of", "yesterday")

    assert (False, True) == (now.data["enabled"], then.data["enabled"])
    assert 2 == wrong.code


def test_wrong_values_name_the_allowed_ones_and_reach_no_service(shell: Shell) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    found = {
        words: shell.policy("set-organization-config", *words, *WHY, BOOKWITH_POLICY_URL=nowhere)
        for words in (
            ("--ews-enabled", "maybe"),
            ("--mode", "null"),
            ("--ews-application-access-policy", "Enforce"),
            ("--ews-allow-list", "A", "--ews-allow-list-add", "B"),
            ("--clear", "everything"),
            ("--clear", "ews-enabled", "--ews-enabled", "true"),
            (),
        )
    }

    assert {2} == {done.code for done in found.values()}
    said = [done.err for done in found.values()]
    assert "--ews-enabled: EwsEnabled takes true or false, or null to empty it" in said[0]
    assert "both_must_allow or user_overrides_org" in said[1]
    assert "EnforceAllowList or EnforceBlockList, or null" in said[2]
    assert "not both" in said[3]
    assert "There are: ews-enabled, " in said[4]
    assert "both set and cleared" in said[5]
    assert "Say what to change." in said[6]


def test_what_the_service_finds_wrong_is_told_by_its_setting(shell: Shell) -> None:
    star = shell.policy("set-organization-config", "--ews-allow-list", "*", *WHY)
    name = shell.policy("set-cas-mailbox", "--identity", "x", "--sharing-policy", "Gone", *WHY)
    missing = shell.policy("get-sharing-policy", "--identity", "Gone")

    assert (2, 2, 3) == (star.code, name.code, missing.code)
    assert star.err.startswith("EwsAllowList/0: Must name an application")
    assert 1 == len(star.err.splitlines())
    assert "there are: Default Sharing Policy" in name.err


def test_who_has_no_token_or_the_wrong_one_is_told_what_to_type(shell: Shell) -> None:
    other = shell.sign_in.with_claims(sub="ada", roles=["administrator"], aud="elsewhere")
    get = "get-organization-config"
    found = [
        shell.policy(get, BOOKWITH_TOKEN=None),
        shell.policy(get, BOOKWITH_TOKEN="two words"),
        shell.policy(get, BOOKWITH_TOKEN="a.b.c"),
        shell.policy(get, BOOKWITH_TOKEN=shell.token("anna", "organizer")),
        shell.policy(get, BOOKWITH_TOKEN=other["Authorization"].removeprefix("Bearer ")),
        shell.policy(get, BOOKWITH_TOKEN=None, BOOKWITH_POLICY_URL=None),
        shell.policy("--token-file", "/nowhere", get),
    ]

    assert [4, 2, 4, 4, 4, 5, 2] == [done.code for done in found]
    said = [done.err for done in found]
    assert 'export BOOKWITH_TOKEN="$(bookwith token ada)"' in said[0]
    assert "is no access token" in said[1]
    assert "two words" not in said[1]
    assert "The access token is refused." in said[2]
    assert "role `administrator`" in said[3]
    assert "the audience that BOOKWITH_OIDC_AUDIENCE" in said[4]
    assert "bookwith policy --url" in said[5]
    assert "/nowhere cannot be read: No such file or directory" in said[6]


def test_a_service_that_is_not_there_or_is_another_one_is_told(
    shell: Shell, sign_in_address: str
) -> None:
    silent = shell.policy("--url", f"http://127.0.0.1:{free_port()}", "get-organization-config")
    other = shell.policy("--url", sign_in_address, "get-organization-config")
    odd = shell.policy("--url", "policy.example", "get-organization-config")

    assert (5, 5, 2) == (silent.code, other.code, odd.code)
    assert "does not answer at" in silent.err
    assert "is not Bookwith's policy service" in other.err
    assert "bookwith policy --url https://" in odd.err


@pytest.fixture
def sign_in_address(shell: Shell) -> str:
    return shell.sign_in.issuer


def test_a_token_comes_from_a_file_or_standard_input_and_is_in_no_argument(
    shell: Shell, tmp_path: Path
) -> None:
    kept = tmp_path / "token"
    kept.write_text(f"{shell.token()}\n")
    read = shell.policy("--token-file", str(kept), "get-organization-config", BOOKWITH_TOKEN=None)
    piped = subprocess.run(
        [sys.executable, "-m", "services.operations", "policy", "--url", shell.url,
         "--token-file", "-", "get-organization-config", "--json"],
        cwd=ROOT, input=shell.token(), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert 0 == read.code
    assert json.loads(piped.stdout)["data"]["mode"] == "both_must_allow"


def test_a_reason_is_asked_for_on_a_terminal(shell: Shell, anna: str) -> None:
    made = _on_a_terminal(shell, f"set-cas-mailbox --identity {anna} --ews-enabled false")
    warned = _on_a_terminal(shell, "set-organization-config --ews-enabled false")

    assert 0 == made.returncode, made.stdout + made.stderr
    assert "Why (it is kept with the change):" in made.stdout
    assert 6 == warned.returncode
    assert "--ews-enabled false --reason 'It is over' --yes" in warned.stdout
    assert "(It is over)" in shell.done("audit", "--limit", "1", "--whom", anna)


def _on_a_terminal(shell: Shell, words: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a terminal, which `script` makes; somebody types a reason."""
    command = f"{sys.executable} -m services.operations policy --url {shell.url} {words}"
    typed = shell.home / "typed"
    typed.write_text("It is over\n")
    with typed.open() as keyboard:
        return subprocess.run(
            ["script", "-qec", command, "/dev/null"],
            cwd=ROOT,
            env={"BOOKWITH_TOKEN": shell.token(), "PATH": "/usr/bin:/bin", "TERM": "dumb"},
            stdin=keyboard,
            capture_output=True,
            text=True,
            check=False,
        )


def test_a_set_of_what_is_there_already_changes_nothing(shell: Shell) -> None:
    switch = ("set-organization-config", "--ews-enabled", "true", "--reason", "Same")
    shell.done(*switch)
    before = shell.policy("audit", "--limit", "1", "--json").data
    again = shell.done(*switch)

    assert "Nothing has changed: it was so already.\n" == again
    assert before == shell.policy("audit", "--limit", "1", "--json").data

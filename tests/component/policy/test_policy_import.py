"""`bookwith policy import` against a policy service: rows, faults, going on, all or nothing."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.operations.output import Exit, Failure
from services.operations.policy import batches
from services.operations.policy.access import PolicyApi
from tests.component.policy.command_line import Done, Shell

WHY = ("--reason", "New staff", "--yes")


class Staff:
    """People whose names no other test uses, and files that name them."""

    def __init__(self, shell: Shell, name: str) -> None:
        self.shell = shell
        self.name = name
        self.path = shell.home / "users.csv"

    def write(self, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
        self.path.write_bytes("".join(f"{line}{end}" for line in lines).encode(encoding))
        return self.path

    def many(self, count: int, first: str = "user,EwsEnabled") -> Path:
        return self.write(first, *(f"{self.name}-{number},false" for number in range(count)))

    def import_(self, *words: str, why: Sequence[str] = WHY) -> Done:
        return self.shell.policy("import", str(self.path), *why, *words)

    def of(self, number: int | str) -> dict[str, object]:
        answer = self.shell.call("GET", f"/users/{self.name}-{number}")
        found: dict[str, object] = answer.json()
        return found


@pytest.fixture
def staff(shell: Shell, request: pytest.FixtureRequest) -> Staff:
    return Staff(shell, request.node.name.replace("[", "-").replace("]", ""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_every_column_is_taken_with_each_separator(
    staff: Staff, encoding: str, delimiter: str
) -> None:
    header = (
        "Identity", "ews_enabled", "EwsApplicationAccessPolicy", "Ews-Block-List",
        "licence plan", "LicenceEnabled", "sharing_policy", "reason",
    )  # fmt: skip
    row = (
        f'"{staff.name}-1"', "TRUE", "enforceblocklist", "Mail*|Søg", "Microsoft 365 E3", "false",
        "default sharing policy", '"Moved, with ""quotes""\nand a line"',
    )  # fmt: skip
    staff.write(delimiter.join(header), delimiter.join(row), "", encoding=encoding, end="\r\n")

    done = staff.import_()

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith("Imported: 1 user; 0 may have a page, 1 may not.")
    found = staff.of(1)
    assert found["EwsEnabled"] is True
    assert ("EnforceBlockList", ["Mail*", "Søg"], "default sharing policy") == tuple(
        found[name] for name in ("EwsApplicationAccessPolicy", "EwsBlockList", "sharing_policy")
    )
    assert {"plan": "Microsoft 365 E3", "assigned": True, "enabled": False} == found["licence"]


def test_a_name_and_a_mail_address_describe_the_user_and_are_found(staff: Staff) -> None:
    mail = f"{len(staff.name)}@bridges.example"
    staff.write("user,display name,mail", f"{staff.name}-1,Søren Å,{mail}")

    done = staff.import_()

    assert 0 == done.code, done.err
    [found] = staff.shell.call("GET", f"/users?search={mail}").json()["items"]
    assert ("Søren Å", mail, "csv") == tuple(
        found[name] for name in ("display_name", "mail", "source")
    )


def test_an_empty_cell_leaves_a_setting_and_null_empties_it(staff: Staff) -> None:
    staff.write("user,EwsEnabled,EwsBlockList,LicencePlan", f"{staff.name}-1,false,A|B,E3")
    staff.import_()
    staff.write("user,EwsEnabled,EwsBlockList,LicencePlan", f"{staff.name}-1,,null,null")
    staff.import_()

    found = staff.of(1)
    assert (False, [], None) == (found["EwsEnabled"], found["EwsBlockList"], found["licence"])


def test_the_faults_of_all_lines_are_listed_and_the_other_lines_imported(staff: Staff) -> None:
    name = staff.name
    staff.write(
        "user,EwsEnabled,EwsBlockList,sharing_policy",
        f"{name}-1,false,,",
        f"{name}-2,perhaps,,",
        f"{name}-1,true,,",
        f"{name}-4,true,",
        ",true,,",
        f"{name}-6,true,*,",
        f"{name}-7,true,,Nowhere",
        f"{name}-8,false,,",
    )
    first = staff.import_()
    second = staff.import_("--json")

    assert 1 == first.code
    lines = first.err.splitlines()
    assert 8 == len(lines), first.err
    assert [f"Line {number}:" for number in range(3, 9)] == [line[:7] for line in lines[:6]]
    assert "perhaps" in lines[0]
    assert "line 2 already" in lines[1]
    assert "has 3 fields" in lines[2]
    assert "names no user" in lines[3]
    assert "EwsBlockList/0: Must name an application" in lines[4]
    assert "There is no sharing policy 'Nowhere'" in lines[5]
    assert [3, 4, 5, 6, 7, 8] == [each["line"] for each in second.error["faults"]]
    assert (False, False) == (staff.of(1)["EwsEnabled"], staff.of(8)["EwsEnabled"])
    assert staff.of(7)["EwsEnabled"] is None


def test_a_file_that_cannot_be_read_is_told_by_line_and_changes_nothing(staff: Staff) -> None:
    name = staff.name
    staff.path.write_bytes(f"user,reason\n{name}-1,ok\n{name}-2,S\xf8g\n".encode("latin-1"))
    latin = staff.import_()
    staff.write("user,EwsEnabled", f"{name}-1,false", encoding="utf-16")
    wide = staff.import_()
    staff.write("user,Enabled,EwsEnabled", f"{name}-1,x,false")
    unknown = staff.import_()
    staff.write("EwsEnabled", "false")
    nobody = staff.import_()
    staff.write("user,EwsEnabled", f'{name}-1,"false')
    open_ended = staff.import_()
    staff.write()
    empty = staff.import_()

    assert [1] * 6 == [each.code for each in (latin, wide, unknown, nobody, open_ended, empty)]
    assert "Line 3: It is not in UTF-8 (byte 0xF8" in latin.err
    assert "Line 1: The file is in UTF-16" in wide.err
    assert "Line 1: Enabled is no column here. There are: user, EwsEnabled," in unknown.err
    assert "The column user is missing" in nobody.err
    assert "From here on it is no CSV" in open_ended.err
    assert "The file is empty" in empty.err
    assert staff.of(1)["EwsEnabled"] is None
    assert 3 == staff.shell.policy("import", "/nowhere.csv", *WHY).code


def test_at_most_a_hundred_faults_are_listed(staff: Staff) -> None:
    staff.write("user,EwsEnabled", *(f"{staff.name}-{each},maybe" for each in range(130)))

    done = staff.import_("--dry-run")

    assert 1 == done.code
    assert 100 == done.err.count("maybe")
    assert "... and 30 more." in done.err


def test_a_dry_run_says_who_would_lose_a_page_and_changes_nothing(staff: Staff) -> None:
    staff.many(3)

    tried = staff.import_("--dry-run")
    document = staff.import_("--dry-run", "--json").data

    assert (
        "Would be imported: 3 users.\n0 users would gain a page, 3 users would lose it" in tried.out
    )
    assert (3, 3) == (document["losses"], len(document["losing"]))
    assert staff.of(0)["EwsEnabled"] is None


def test_a_second_run_goes_on_where_the_first_stopped(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_USERS", 4)
    staff.many(10)
    sent = _failing_after(monkeypatch, 2)
    stopped = staff.import_()
    monkeypatch.undo()
    monkeypatch.setattr(batches, "MOST_USERS", 4)
    sent = _failing_after(monkeypatch, 99)

    done = staff.import_()
    again = staff.import_()

    assert 5 == stopped.code
    assert "The import has stopped before line 10." in stopped.err
    assert [f"{staff.name}-8", f"{staff.name}-9"] == [each["user"] for each in sent[0]["users"]]
    assert done.out.startswith("Gone on after 8 users. Imported: 2 users;")
    assert "imported already" in again.out
    assert 1 == len(sent)
    assert staff.of(9)["EwsEnabled"] is False


def test_a_batch_whose_answer_was_lost_counts_once(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.many(3)
    call = PolicyApi.call

    keys = []

    def losing(api: PolicyApi, method: str, path: str, *more: object) -> object:
        answer = call(api, method, path, *more)  # type: ignore[arg-type] # handed on
        if method == "PUT":
            keys.append(more[1]["Idempotency-Key"])  # type: ignore[index] # the headers
            if len(keys) == 2:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                keys.append(headers.get("idempotent-replayed", ""))
                return answer
            raise Failure(Exit.UNAVAILABLE, "lost")
        return answer

    monkeypatch.setattr(PolicyApi, "call", losing)
    lost = staff.import_()
    done = staff.import_("--json")
    monkeypatch.undo()

    assert 5 == lost.code
    assert [keys[0], "true"] == keys[1:]
    assert 3 == done.data["users"]
    changes = json.loads(staff.shell.done("audit", "--limit", "3", "--json"))["data"]
    assert {done.data["import_id"]} == {each["correlation_id"] for each in changes}


def test_all_or_nothing_imports_no_line_where_one_is_wrong(staff: Staff) -> None:
    staff.write(
        "user,EwsEnabled,sharing_policy", f"{staff.name}-1,false,", f"{staff.name}-2,,Nowhere"
    )

    done = staff.import_("--all-or-nothing")

    assert 1 == done.code
    assert "Line 3: sharing_policy: There is no sharing policy 'Nowhere'" in done.err
    assert staff.of(1)["EwsEnabled"] is None


def test_all_or_nothing_undoes_what_was_done_when_a_later_batch_fails(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_USERS", 4)
    staff.many(10)
    _failing_after(monkeypatch, 2)
    failed = staff.import_("--all-or-nothing")
    monkeypatch.undo()

    assert 5 == failed.code
    assert "No user is changed." in failed.err
    assert [None] * 10 == [staff.of(number)["EwsEnabled"] for number in range(10)]
    assert 0 == staff.import_("--all-or-nothing").code
    assert staff.of(0)["EwsEnabled"] is False


def test_an_import_is_undone_as_one_and_so_is_its_undoing(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_USERS", 4)
    staff.many(10)
    import_id = staff.import_("--json").data["import_id"]
    body = {"EwsEnabled": True, "reason": "Needed"}
    later = staff.shell.call("PATCH", f"/users/{staff.name}-3", body, If_Match="*")
    assert later.status_code == 200

    undone = staff.shell.policy("undo", import_id)
    after = [staff.of(number)["EwsEnabled"] for number in range(10)]
    redone = staff.shell.policy("undo", "--last")
    missing = staff.shell.policy("undo", "import-0123456789")

    assert (0, 0, 3) == (undone.code, redone.code, missing.code)
    assert "As before again: 9 users." in undone.out
    assert "stays: a later change has altered EwsEnabled." in undone.out
    assert [None, None, None, True, *[None] * 6] == after
    assert "Undoing: The import import-" in redone.out
    assert [False, False, False, True, *[False] * 6] == [
        staff.of(number)["EwsEnabled"] for number in range(10)
    ]


def test_an_import_of_more_than_one_request_holds_arrives_whole(staff: Staff) -> None:
    staff.many(1200)

    done = staff.import_("--json")

    assert (1200, 1200) == (done.data["users"], done.data["disabled"])


def _failing_after(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> list[dict[str, list[dict[str, str]]]]:
    """Let the service be out of reach for every later import; return what was sent."""
    call = PolicyApi.call
    sent: list[dict[str, list[dict[str, str]]]] = []

    def counted(api: PolicyApi, method: str, path: str, *more: object) -> object:
        if method == "PUT" and "dry_run" not in path:
            if len(sent) == count:
                raise Failure(Exit.UNAVAILABLE, "Policy does not answer.")
            sent.append(more[0])  # type: ignore[arg-type] # the body
        return call(api, method, path, *more)  # type: ignore[arg-type] # handed on

    monkeypatch.setattr(PolicyApi, "call", counted)
    return sent

"""`bookwith verify audit` as an operator types it, against a policy service of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.component.policy.command_line import policy_service
from tests.component.provider import Provider
from tests.running_service import ROOT, free_port


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody with a shell, and with the owner's password for the database."""

    url: str
    database_url: str
    sign_in: Provider

    def verify(
        self, *words: str, role: str = "operator", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command."""
        told = self.sign_in.signed_in("otto", role)["Authorization"].removeprefix("Bearer ")
        own = {name: value for name, value in os.environ.items() if "BOOKWITH" not in name}
        return subprocess.run(
            [sys.executable, "-m", "services.operations", "verify", "audit", *words],
            env={**own, "BOOKWITH_POLICY_URL": self.url, "BOOKWITH_TOKEN": told, **environment},
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def change(self, body: dict[str, Any], status: int = 200) -> None:
        """Ask for a change of the organization as an administrator."""
        headers = {**self.sign_in.signed_in("ada", "administrator"), "If-Match": "*"}
        path = f"{self.url}/api/policy/v1/organization"
        answer = httpx.patch(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text

    def tamper(self, *statements: str) -> None:
        """Change what nobody may change."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture
def operator(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    tmp_path: Path,
) -> Iterator[Operator]:
    database_url = database_url_factory("policy")
    with policy_service(database_url, kafka_bootstrap, sign_in, tmp_path) as url:
        operator = Operator(url, database_url, sign_in)
        for enabled in (False, True, None):
            operator.change({"EwsEnabled": enabled, "reason": f"Pilot: {enabled}"})
        operator.change({"EwsEnabled": True, "colour": "red"}, 422)
        yield operator


def test_a_whole_audit_ends_with_its_head_and_a_broken_one_with_the_places(
    operator: Operator,
) -> None:
    whole = operator.verify()
    head = whole.stdout.splitlines()[1].removeprefix("head ")
    document = json.loads(operator.verify("--json", "--head", head).stdout)
    operator.tamper("UPDATE audit SET record = replace(record, 'Pilot: T', 'Test: T')")
    broken = operator.verify()
    error = json.loads(operator.verify("--json").stdout)["error"]

    assert (0, "4 records, whole to the end.") == (whole.returncode, whole.stdout.splitlines()[0])
    assert {"records": 4, "head": head, "faults": []} == document["data"]
    assert 1 == broken.returncode
    assert "The audit is broken in 2 places; 4 records were checked." in broken.stderr
    assert "Record 2 of 20" in broken.stderr
    assert "the digest fits neither its text nor the record before" in broken.stderr
    assert ("failed", [2, 2]) == (error["code"], [each["number"] for each in error["faults"]])


def test_a_cut_end_is_found_by_the_head_that_was_written_down(operator: Operator) -> None:
    head = json.loads(operator.verify("--json").stdout)["data"]["head"]
    operator.tamper(
        "DELETE FROM events WHERE id IN (SELECT id FROM audit WHERE number > 2)",
        "DELETE FROM audit WHERE number > 2",
    )
    without, with_head = operator.verify(), operator.verify("--head", head)

    assert 0 == without.returncode
    assert 1 == with_head.returncode
    assert "Record 3: records 3 to 4 are missing from the end, which was cut off." in (
        with_head.stderr
    )


def test_what_hinders_the_command_is_said_with_what_to_type(operator: Operator) -> None:
    found = {
        "no head": operator.verify("--head", "7"),
        "wrong role": operator.verify(role="organizer"),
        "no token": operator.verify(BOOKWITH_TOKEN=""),
        "nobody": operator.verify("--url", f"http://127.0.0.1:{free_port()}"),
    }

    assert {"no head": 2, "wrong role": 4, "no token": 4, "nobody": 5} == {
        name: done.returncode for name, done in found.items()
    }
    assert "64 hexadecimal digits" in found["no head"].stderr
    assert "Only operators and administrators may do this." in found["wrong role"].stderr

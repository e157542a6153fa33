"""`make test-domain` runs the rules' tests and imports no library of the edges for that."""

import subprocess
import sys

from tests.domain_tests import ROOT, is_domain_test

EDGES = ("fastapi", "sqlalchemy", "psycopg", "aiokafka", "faststream", "jinja2", "testcontainers")
COLLECT = f"""
import sys
import pytest
assert pytest.main(["--domain", "--collect-only", "-qq", "tests/unit"]) == 0
print([name for name in {EDGES} if name in sys.modules])
"""


def test_no_library_of_the_edges_is_imported_for_the_domain() -> None:
    command = [sys.executable, "-c", COLLECT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_each_services_domain_has_such_tests() -> None:
    for service in ("booking", "availability", "notifier", "policy"):
        tests = (ROOT / "tests" / "unit" / service).glob("test_*.py")
        assert any(map(is_domain_test, tests)), service

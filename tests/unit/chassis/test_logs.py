"""Logs: JSON lines with where a fault came from, never the words or values of it."""

import json
import subprocess
import sys

RUN = """
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import Cause, caused_by
import logging
import warnings
import structlog
telemetry.set_up("booking", "2", "info", None)
log = structlog.get_logger("x")
secret = "vera@example.test"
with caused_by(Cause("corr-1", "cause-1", "attendee")):
    try:
        raise ValueError(f"bad address {secret}")
    except ValueError:
        log.exception("request_failed", route="/m")
        logging.getLogger("library").exception("library failed\\nwith %s", secret)
        warnings.warn("old\\nname " + secret, DeprecationWarning, stacklevel=1)
"""


def test_a_fault_is_logged_by_type_and_place_without_its_words() -> None:
    output = subprocess.run(
        [sys.executable, "-W", "always", "-c", RUN],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout
    ours, theirs, python = (json.loads(line) for line in output.splitlines())

    assert "vera@example.test" not in output
    assert ours["event"] == "request_failed"
    assert ours["exception"] == "ValueError"
    assert ours["correlation_id"] == "corr-1"
    assert (ours["service"], ours["instance"]) == ("booking", "2")
    assert theirs["exception"] == "ValueError"
    assert (theirs["event"], theirs["said"]) == ("library_line", "library failed")
    assert theirs["correlation_id"] == "corr-1"
    assert (python["logger"], python["said"].endswith("DeprecationWarning: old")) == (
        "py.warnings",
        True,
    )

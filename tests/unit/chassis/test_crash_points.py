"""Crash points: free when unarmed, deadly once when armed, impossible in production."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import sys
from services.chassis.runtime import crash_points
crash_points.allow("booking", sys.argv[1], sys.argv[2])
for _ in range(3):
    crash_points.reach("relay.sent")
print("lived")
"""


def run(environment: str, crash_file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, environment, str(crash_file)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("passes", [1, 3])
def test_an_armed_point_kills_once_at_the_pass_that_was_asked_for(
    tmp_path: Path, passes: int
) -> None:
    crash_file = tmp_path / "crash"
    armed = Path(f"{crash_file}.booking")
    armed.write_text(f"relay.sent {passes}")
    first, second = run("test", crash_file), run("test", crash_file)

    assert first.returncode == -signal.SIGKILL
    assert "lived" in second.stdout
    assert Path(f"{armed}.hit").exists()


def test_another_point_or_production_kills_nobody(tmp_path: Path) -> None:
    crash_file = tmp_path / "crash"
    armed = Path(f"{crash_file}.booking")
    armed.write_text("relay.read 1")

    assert "lived" in run("test", crash_file).stdout
    armed.write_text("relay.sent 1")
    assert "lived" in run("production", crash_file).stdout

"""The modules that run before anything is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", ["bootstrap", "machine"])
def test_it_needs_the_standard_library_only(module: str) -> None:
    # -S: without the folder that packages are installed in.
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import deploy.local.{module}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)

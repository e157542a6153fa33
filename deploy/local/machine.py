"""Programs of the machine: installed where that is possible, else the line that does it is said."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

DEBIAN_PACKAGES = {"mvn": "maven", "chromium": "chromium", "kcat": "kcat"}


class Missing(Exception):
    """A program that is missing and cannot be installed from here; says the line that does."""


def need(program: str, say: Callable[[str], None]) -> None:
    """Make sure that the program is there."""
    if shutil.which(program):
        return
    package = DEBIAN_PACKAGES[program]
    line = f"apt-get update && apt-get install --yes --no-install-recommends {package}"
    if not Path("/etc/debian_version").exists():
        raise Missing(f"{program} is missing; on Debian this installs it: {line}")
    if os.geteuid() != 0:
        raise Missing(f"{program} is missing; this installs it: sudo sh -c '{line}'")
    say(f"installing {package} (once)")
    done = subprocess.run(
        ["sh", "-c", line],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not shutil.which(program):
        raise Missing(f"{program} is missing, and this did not install it: {line}\n{done.stderr}")


def main() -> None:
    """Make sure of the programs that the arguments name."""
    try:
        for program in sys.argv[1:]:
            need(program, print)
    except Missing as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()

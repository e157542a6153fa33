"""Programs of the machine: installed where possible, else the command to type is printed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

DEBIAN_PACKAGES = {
    "mvn": "maven",
    "chromium": "chromium",
    "kcat": "kcat",
    "pgbouncer": "pgbouncer",
    "node": "nodejs",
    "npm": "npm",
}
NO_QUESTIONS = {"DEBIAN_FRONTEND": "noninteractive"}

Say = Callable[[str], None]


class Missing(Exception):
    """A program is missing and cannot be installed from here; the message says what to type."""


def need(program: str, say: Say) -> None:
    """Install the program if it is missing."""
    if not shutil.which(program):
        install(DEBIAN_PACKAGES[program], program, say)


def install(package: str, what: str, say: Say) -> None:
    """Install a Debian package; where that is not possible, raise with the command to type."""
    line = f"apt-get update && apt-get install --yes --no-install-recommends {package}"
    if not Path("/etc/debian_version").exists():
        raise Missing(f"{what} is missing; on Debian this installs it: {line}")
    if os.geteuid() != 0:
        raise Missing(f"{what} is missing; this installs it: sudo sh -c '{line}'")
    say(f"installing {package} (once)")
    done = subprocess.run(
        ["sh", "-c", line],
        env={**os.environ, **NO_QUESTIONS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Missing(f"{what} is missing, and this did not install it: {line}\n{done.stdout}")


def main() -> None:
    """Install the programs that the arguments name, where they are missing."""
    try:
        for program in sys.argv[1:]:
            need(program, print)
    except Missing as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()

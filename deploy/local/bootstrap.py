"""Make `.venv`, which runs everything; needs only Python, git and make.

Standard library only: the machine's own Python runs it, from the repository's root:
`python3 -m deploy.local.bootstrap`.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.machine import Missing, install

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements" / "development.txt"

# Works after the folder is moved, and from any working folder (-P: whose modules do not count).
COMMAND = """#!/bin/sh
exec "$(dirname -- "$0")/python" -P -c 'from deploy.local.bookwith import main; main()' "$@"
"""


def main() -> None:
    """Make or refresh the environment; do nothing when it is up to date."""
    _with_new_enough_python()
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(128 + signum))
    try:
        _make_venv()
        _install()
    except Missing as missing:
        sys.exit(str(missing))
    except subprocess.CalledProcessError as error:
        sys.exit(f"this failed, what it printed is above: {' '.join(map(str, error.cmd))}")
    _link()


def _with_new_enough_python() -> None:
    """Go on with another Python of the machine if this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        if newer := shutil.which(f"python3.{minor}"):
            os.execv(newer, [newer, "-m", "deploy.local.bootstrap"])
    wanted = ".".join(map(str, OLDEST))
    sys.exit(f"Bookwith needs Python {wanted} or later; this is {sys.version.split()[0]}")


def _make_venv() -> None:
    python = VENV / "bin" / "python"
    if python.exists():
        works = subprocess.run([python, "-c", "import pip"], capture_output=True, check=False)
        if works.returncode == 0:
            return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        install(f"python{version}-venv", "Python's venv module", _say)
    _say("making .venv")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def _install() -> None:
    """Install the pinned packages, unless these are installed already."""
    marker = VENV / "installed-requirements"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if marker.exists() and marker.read_text() == digest:
        return
    count = sum("==" in line for line in REQUIREMENTS.read_text().splitlines())
    _say(f"installing up to {count} packages into .venv (a minute or two, once)")
    command = [
        *(str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"),
        *("--no-input", "--progress-bar", "off", "--require-hashes", "-r", str(REQUIREMENTS)),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:
        try:
            _follow(pip)
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        raise subprocess.CalledProcessError(pip.returncode, command)
    marker.write_text(digest)


def _follow(pip: "subprocess.Popen[str]") -> None:
    """Print progress: a line for every tenth package, and one when pip unpacks them."""
    assert pip.stdout is not None
    seen = 0
    for line in pip.stdout:
        if line.startswith("Collecting "):
            seen += 1
            if seen % 10 == 0:
                _say(f"  {seen} packages: {line.split()[1]}")
        elif line.startswith("Installing "):
            _say(f"  {seen} packages fetched, unpacking them")


def _link() -> None:
    """Put the repository on the environment's path, and `bookwith` among its commands."""
    for site_packages in (VENV / "lib").glob("python*/site-packages"):
        _write(site_packages / "bookwith.pth", f"{ROOT}\n")
    command = VENV / "bin" / "bookwith"
    _write(command, COMMAND)
    command.chmod(0o755)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()

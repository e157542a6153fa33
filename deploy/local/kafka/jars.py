"""Kafka's jars: downloaded once by Maven, checked against committed hashes, used by all clones."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.local.machine import need

HERE = Path(__file__).parent
VERSION = "4.4.0"


class NoJars(Exception):
    """The jars could not be downloaded, or are not the pinned ones."""


def cache() -> Path:
    """Return where the jars are kept; temporary stacks and new clones use the same."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "bookwith" / f"kafka-{VERSION}"


def ensure(say: Callable[[str], None]) -> Path:
    """Return the folder of the jars; download the pinned ones first if they are not there."""
    folder = cache()
    pinned = (HERE / "jars.sha256").read_bytes()
    if (marker := folder / "jars.sha256").is_file() and marker.read_bytes() == pinned:
        return folder
    need("mvn", say)
    say(f"downloading Kafka {VERSION} with Maven (43 MB, once)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="kafka-", dir=folder.parent))
    try:
        _download(unfinished)
        _check(unfinished, pinned.decode())
        (unfinished / "jars.sha256").write_bytes(pinned)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _download(folder: Path) -> None:
    downloaded = subprocess.run(
        [
            *("mvn", "--quiet", "--batch-mode", "--file", str(HERE / "pom.xml")),
            *("-Dstyle.color=never", f"-DoutputDirectory={folder}"),
            "dependency:copy-dependencies",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if downloaded.returncode != 0:
        raise NoJars(f"Maven could not download Kafka's jars:\n{downloaded.stdout}")


def _check(folder: Path, pinned: str) -> None:
    wanted = {name: digest for digest, name in map(str.split, pinned.splitlines())}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    differing = sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )
    if differing:
        raise NoJars(f"not the jars that {HERE / 'jars.sha256'} pins: {', '.join(differing)}")

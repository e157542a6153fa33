"""Jars of Maven: downloaded once, checked against committed hashes, used by all clones."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.machine import need


class NoJars(Exception):
    """The jars could not be downloaded, or are not the pinned ones."""


def cache() -> Path:
    """Return where programs are kept that temporary stacks and new clones share."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "bookwith"


@dataclass(frozen=True, slots=True)
class PinnedJars:
    """The jars that `pom.xml` in the folder names and `jars.sha256` beside it pins."""

    folder: Path
    name: str
    what: str

    def kept_in(self) -> Path:
        """Return the folder of the downloaded jars, whether they are there or not."""
        return cache() / self.name

    def ensure(self, say: Callable[[str], None]) -> Path:
        """Return the folder of the jars; download the pinned ones first if they are not there."""
        folder = self.kept_in()
        pinned = (self.folder / "jars.sha256").read_bytes()
        if (marker := folder / "jars.sha256").is_file() and marker.read_bytes() == pinned:
            return folder
        need("mvn", say)
        say(f"downloading {self.what} with Maven (once)")
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=folder.parent))
        try:
            self._download(unfinished)
            self._check(unfinished, pinned.decode())
            (unfinished / "jars.sha256").write_bytes(pinned)
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return folder

    def _download(self, folder: Path) -> None:
        downloaded = subprocess.run(
            [
                *("mvn", "--quiet", "--batch-mode", "--file", str(self.folder / "pom.xml")),
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
            raise NoJars(f"Maven could not download {self.what}:\n{downloaded.stdout}")

    def _check(self, folder: Path, pinned: str) -> None:
        wanted = {name: digest for digest, name in map(str.split, pinned.splitlines())}
        found = {
            jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")
        }
        differing = sorted(
            name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
        )
        if differing:
            raise NoJars(
                f"not the jars that {self.folder / 'jars.sha256'} pins: {', '.join(differing)}"
            )

"""The foreign readers as programs: downloaded once by Maven and npm, pinned by hashes."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.local.kafka.broker import find_java
from deploy.local.machine import need
from deploy.local.pinned_jars import PinnedJars, cache

HERE = Path(__file__).parent
JARS = PinnedJars(HERE, "readers-of-calendars", "ical4j")
JAVA_PROGRAM = HERE / "ReadWithIcal4j.java"
NPM_FILES = ("package.json", "package-lock.json")


def ical4j() -> list[str]:
    """Return the command that reads with ical4j; its program is compiled when it has changed."""
    jars = f"{JARS.ensure(print)}/*"
    classes = _kept("ical4j", [JAVA_PROGRAM, HERE / "jars.sha256"], lambda at: _compile(jars, at))
    # Without the compiler that waits for long runs the program is over sooner.
    speed = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
    return [find_java(), *speed, "-cp", f"{jars}:{classes}", JAVA_PROGRAM.stem]


def ical_js() -> list[str]:
    """Return the command that reads with ical.js."""
    need("node", print)
    modules = _kept("ical.js", [HERE / name for name in NPM_FILES], _install)
    return ["node", str(HERE / "read_with_ical_js.mjs"), str(modules)]


def _kept(name: str, sources: list[Path], make: Callable[[Path], None]) -> Path:
    """Return the folder that was made from the sources; make it if it is not there."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    folder = cache() / f"reader-{name}-{digest[:16]}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f"reader-{name}-", dir=folder.parent))
        try:
            make(unfinished)
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another run was faster
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _compile(jars: str, folder: Path) -> None:
    compiler = "org.eclipse.jdt.internal.compiler.batch.Main"
    paths = ":".join(map(str, Path(jars).parent.glob("*.jar")))
    options = ("--release", "17", "-cp", paths, "-d", str(folder))
    _run([find_java(), "-cp", jars, compiler, *options, str(JAVA_PROGRAM)])


def _install(folder: Path) -> None:
    need("npm", print)
    for name in NPM_FILES:
        shutil.copy(HERE / name, folder)
    _run(["npm", "ci", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts"])


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}")

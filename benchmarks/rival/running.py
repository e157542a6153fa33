"""Starts the rival's site: its packages in a new environment, the files that its pages load."""

import subprocess
import tarfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.client import Unreachable, call

HERE = Path(__file__).parent
PAGE = "/request/1/"
FIRST_TIME = "#slot-list li.djangoAppt_appointment-slot"
START_SECONDS = 60.0
# Where its pages look for a file, the package that has it, and where it lies there.
_FILES = (
    (
        "bootstrap@5.2.0-beta1/dist/css/bootstrap.min.css",
        "bootstrap@5.2.0-beta1",
        "dist/css/bootstrap.min.css",
    ),
    ("bootstrap/5.3.2/js/bootstrap.min.js", "bootstrap@5.3.2", "dist/js/bootstrap.min.js"),
    ("jquery/3.7.1/jquery.min.js", "jquery@3.7.1", "dist/jquery.min.js"),
    ("moment.js/2.30.1/moment.js", "moment@2.30.1", "moment.js"),
    (
        "moment-timezone/0.6.0/moment-timezone-with-data.min.js",
        "moment-timezone@0.6.0",
        "builds/moment-timezone-with-data.min.js",
    ),
    ("fullcalendar/6.1.19/index.global.js", "fullcalendar@6.1.19", "index.global.js"),
    ("ionicons@5.5.2/dist/ionicons", "ionicons@5.5.2", "dist/ionicons"),
)


@contextmanager
def rival(port: int) -> Iterator[str]:
    """Run the site on the port of 127.0.0.1; yield the address of its page to pick a time."""
    with TemporaryDirectory(prefix="bookwith-rival-") as made:
        folder = Path(made)
        _fetch_files(folder)
        python = _environment(folder)
        command = [python, "-m", "gunicorn", "--workers", "1", "--threads", "4"]
        command += ["--bind", f"127.0.0.1:{port}", "--chdir", str(HERE), "rival_site:application"]
        with (folder / "log").open("w") as log:
            site = subprocess.Popen(
                command, env={"RIVAL_FOLDER": made, "PATH": ""}, stdout=log, stderr=log
            )
        try:
            _wait_until_shown(f"http://127.0.0.1:{port}{PAGE}", folder / "log")
            yield f"http://127.0.0.1:{port}{PAGE}"
        finally:
            site.terminate()
            site.wait()


def _environment(folder: Path) -> str:
    venv.create(folder / "environment", with_pip=True)
    python = str(folder / "environment" / "bin" / "python")
    packages = str(HERE / "requirements.txt")
    command = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", packages]
    subprocess.run(command, check=True)
    return python


def _fetch_files(folder: Path) -> None:
    """Put what its pages load from other sites where its own site serves it."""
    for address, package, inside in _FILES:
        packed = subprocess.run(
            ["npm", "pack", "--silent", package],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(folder / packed.stdout.strip()) as archive:
            archive.extractall(folder / "unpacked" / package, filter="data")
        target = folder / "elsewhere" / address
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / "unpacked" / package / "package" / inside).rename(target)


def _wait_until_shown(address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if call("GET", address).status == 200:
                return
        except Unreachable:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"the rival did not start: {log.read_text()[-2000:]}")
        time.sleep(0.1)

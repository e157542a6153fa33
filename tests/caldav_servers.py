"""CalDAV servers for tests: Radicale and Xandikos, each a process on this machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

USER, PASSWORD = "anna", "horse-battery"
_MAKE = """<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>
<d:displayname>{name}</d:displayname></d:prop></d:set></c:mkcalendar>"""


@dataclass(slots=True)
class CalDavServer:
    """A server with a home for one user; it can be stopped and started again."""

    name: str
    command: list[str]
    url: str
    home: str
    folder: Path
    password: str | None
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def secrets(self) -> Mapping[str, str]:
        """Return what opens it."""
        return {"user_name": USER, "password": PASSWORD} if self.password else {}

    def client(self) -> httpx.Client:
        """Return a client as the organizer's own program is one."""
        auth = httpx.BasicAuth(USER, self.password) if self.password else None
        return httpx.Client(base_url=self.url, auth=auth, timeout=20)

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(self.command, stdout=log, stderr=log)
        for _ in range(400):
            try:
                with self.client() as client:
                    client.request("PROPFIND", self.home, headers={"Depth": "0"})
                    return
            except httpx.TransportError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError(f"{self.name} does not answer")

    def stop(self) -> None:
        """Stop it; what it keeps stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def make_calendar(self, name: str) -> str:
        """Make a calendar; return its address."""
        with self.client() as client:
            made = client.request(
                "MKCALENDAR", f"{self.home}{name}/", content=_MAKE.format(name=name)
            )
            assert made.status_code == 201, made.text
        return f"{self.url}{self.home}{name}/"

    def put(self, calendar: str, name: str, text: str, etag: str | None = None) -> None:
        """Write an entry as the organizer's own program does."""
        headers = {"Content-Type": "text/calendar", **({"If-Match": etag} if etag else {})}
        with self.client() as client:
            answer = client.put(f"{calendar}{name}", content=text, headers=headers)
            assert answer.status_code in {200, 201, 204}, answer.text

    def delete(self, calendar: str, name: str) -> None:
        """Delete an entry by hand."""
        with self.client() as client:
            assert client.delete(f"{calendar}{name}").status_code in {200, 204}

    def entries(self, calendar: str) -> dict[str, str]:
        """Return the texts of all entries by their names."""
        found = {}
        with self.client() as client:
            answer = client.request("PROPFIND", calendar, headers={"Depth": "1"})
            names = {
                part.split("<")[0].rsplit("/", 1)[1]
                for part in answer.text.replace("</ns0:href>", "</href>").split("href>")
                if ".ics<" in part
            }
            for name in names:
                found[name] = client.get(f"{calendar}{name}").text
        return found


@contextmanager
def radicale(folder: Path) -> Iterator[CalDavServer]:
    """Run Radicale, which asks for a password."""
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    port = _free_port()
    settings = {
        "server-hosts": f"127.0.0.1:{port}",
        "storage-filesystem-folder": str(folder / "kept"),
        "auth-type": "htpasswd",
        "auth-htpasswd-filename": str(folder / "users"),
        "auth-htpasswd-encryption": "plain",
        "auth-delay": "0",
        "rights-type": "owner_only",
    }
    command = [sys.executable, "-m", "radicale"]
    command += [f"--{name}={value}" for name, value in settings.items()]
    url = f"http://127.0.0.1:{port}"
    yield from _running(CalDavServer("radicale", command, url, f"/{USER}/", folder, PASSWORD))


@contextmanager
def xandikos(folder: Path) -> Iterator[CalDavServer]:
    """Run Xandikos, which trusts whoever reaches it."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "xandikos", "serve", "--directory", str(folder / "kept")),
        *("--listen-address", "127.0.0.1", "--port", str(port)),
        *("--current-user-principal", f"/{USER}/", "--defaults"),
    ]
    url = f"http://127.0.0.1:{port}"
    yield from _running(CalDavServer("xandikos", command, url, f"/{USER}/calendars/", folder, None))


def _running(server: CalDavServer) -> Iterator[CalDavServer]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])

"""A service as operators run it: a process of its own, its settings from the environment alone."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
WAIT_SECONDS = 60.0

# Nothing listens on port 1: a service starts without its neighbours, and says so on /readyz.
ALONE = {
    "BOOKWITH_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/none",
    "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "BOOKWITH_OIDC_ISSUER": "http://127.0.0.1:1",
    "BOOKWITH_OIDC_AUDIENCE": "bookwith",
    "BOOKWITH_ORGANIZATION_NAMESPACE": "5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11",
    "BOOKWITH_PUBLIC_URL": "http://bookwith.example",
    "BOOKWITH_SHUTDOWN_GRACE_SECONDS": "0.1",
    "BOOKWITH_TOKEN_KEYS": "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
}
OWN = {
    "booking": {"BOOKWITH_AVAILABILITY_URL": "http://127.0.0.1:1"},
    "notifier": {
        "BOOKWITH_SMTP_URL": "smtp://127.0.0.1:1",
        "BOOKWITH_SENDER": "Bookwith <bookings@bookwith.example>",
    },
}


@dataclass(frozen=True, slots=True)
class RunningService:
    """A process of a service, or of a script."""

    process: subprocess.Popen[bytes]
    log: Path
    address: str = ""

    def output(self) -> str:
        """Return all that it has written so far."""
        return self.log.read_text()

    def wait_until_alive(self) -> None:
        """Wait until it answers."""
        self.wait_for(lambda: httpx.get(f"{self.address}/livez").status_code == 200)

    def wait_for(self, condition: "object") -> None:
        """Wait until the condition, a function, is true; a connection that is refused is not."""
        assert callable(condition)
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                if condition():
                    return
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.05)

    def ended(self) -> int:
        """Wait until it has ended, and return its exit code."""
        return self.process.wait(WAIT_SECONDS)

    def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    service: str,
    log: Path,
    settings: Mapping[str, str] | None = None,
    *,
    roles: str = "http,relay,consumers,timers",
) -> Iterator[RunningService]:
    """Run the service while the block runs, with these settings instead of the usual ones."""
    chosen = {
        **ALONE,
        **OWN.get(service, {}),
        "BOOKWITH_HTTP_PORT": str(free_port()),
        **(settings or {}),
    }
    host = chosen.get("BOOKWITH_HTTP_HOST", "127.0.0.1")
    address = f"http://{host}:{chosen['BOOKWITH_HTTP_PORT']}"
    with run(
        ("-m", f"services.{service}", "serve", "--roles", roles), log, chosen, address
    ) as process:
        yield process


@contextmanager
def run(
    command: tuple[str, ...], log: Path, settings: Mapping[str, str], address: str = ""
) -> Iterator[RunningService]:
    """Run Python while the block runs; BOOKWITH_ variables of the shell are hidden from it."""
    shell = {name: text for name, text in os.environ.items() if not name.startswith("BOOKWITH_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**shell, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield RunningService(process, log, address)
    finally:
        process.kill()
        process.wait()

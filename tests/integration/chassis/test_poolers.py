"""PgBouncer in between: in transaction mode the start is refused, in session mode all works."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local.machine import need
from services.chassis.postgres.database import Database
from services.chassis.postgres.poolers import REFUSAL, UnsuitablePooler
from services.chassis.postgres.signals import Signals
from tests.component.running import migrated
from tests.integration.chassis.test_event_store import rows
from tests.integration.chassis.toy import add

CONFIGURATION = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
auth_file =
pool_mode = {mode}
max_client_conn = 200
default_pool_size = 20
logfile =
pidfile =
"""


def program() -> str:
    """Return where PgBouncer is; it is installed where that is possible."""
    need("pgbouncer", print)
    return shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"


@contextmanager
def pgbouncer(url: str, mode: str, folder: Path) -> Iterator[str]:
    """Run PgBouncer in that mode before the database; yield the URL that leads through it."""
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = probe.getsockname()[1]
    file = folder / "pgbouncer.ini"
    password = f" password={parts.password}" if parts.password else ""
    server = f"host={parts.hostname} port={parts.port} user={parts.username}{password}"
    file.write_text(CONFIGURATION.format(server=server, listen=listen, mode=mode))
    command = [program(), "-q", str(file)]
    if os.geteuid() == 0:  # it does not run as root
        command[1:1] = ["-u", "nobody"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while True:
            assert process.poll() is None
            assert time.monotonic() < deadline
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", listen)) == 0:
                    break
            time.sleep(0.05)
        yield f"postgresql://{parts.username}@127.0.0.1:{listen}{parts.path}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def url(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The toy's database behind PgBouncer in the mode that the test names."""
    with pgbouncer(database.url, request.param, tmp_path) as through:
        yield through


@pytest.mark.parametrize("url", ["transaction", "statement"], indirect=True)
async def test_a_pooler_that_keeps_no_session_is_refused_at_the_start_and_when_it_comes_later(
    url: str,
) -> None:
    behind = Database(url, size=4)
    with pytest.raises(UnsuitablePooler, match="pool_mode = session"):
        await behind.open()
    with pytest.raises(UnsuitablePooler):
        await behind.listen()


@pytest.mark.parametrize("url", ["session"], indirect=True)
async def test_behind_a_pooler_that_keeps_sessions_all_works(url: str) -> None:
    behind = Database(url, size=4)
    await behind.open()
    signals = Signals(behind, ("toy",))
    carrying = asyncio.create_task(signals.run())
    other = Signals(behind, ("toy",))
    try:
        for _ in range(20):  # past what makes psycopg prepare a statement
            await add(behind, "anna", "a")
        zone = await rows(behind, "SHOW timezone")
        sending = asyncio.create_task(other.run())
        with signals.listening("toy") as woken:
            async with asyncio.timeout(10):
                while not woken.is_set():
                    other.wake("toy")
                    await asyncio.sleep(0.05)
        sending.cancel()
        count = await rows(behind, "SELECT count(*) FROM events")
    finally:
        carrying.cancel()
        await behind.close()

    assert (zone, count) == ([("UTC",)], [(20,)])


def test_a_service_behind_such_a_pooler_ends_with_the_sentence_that_says_what_to_set(
    database_url_factory: Callable[[str], str], kafka_bootstrap: str, tmp_path: Path
) -> None:
    direct = migrated(database_url_factory("policy"), "policy")
    with pgbouncer(direct, "transaction", tmp_path) as url:
        done = subprocess.run(
            [sys.executable, "-m", "services.policy", "serve"],
            env={**os.environ, **environment(url, kafka_bootstrap)},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (done.returncode, REFUSAL in done.stderr) == (1, True), done.stderr


def environment(url: str, kafka: str) -> dict[str, str]:
    """Return the settings of a service that need not answer."""
    return {
        "BOOKWITH_DATABASE_URL": url,
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "BOOKWITH_OIDC_ISSUER": "http://127.0.0.1:1",
        "BOOKWITH_OIDC_AUDIENCE": "bookwith",
        "BOOKWITH_ORGANIZATION_NAMESPACE": "5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11",
        "BOOKWITH_PUBLIC_URL": "http://bookwith.example",
        "BOOKWITH_TOKEN_KEYS": "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        "BOOKWITH_HTTP_PORT": "8083",
    }

"""Killed at any point of sending, the notifier ends with one Message-ID for each letter."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.settings import ROOT
from services.chassis.postgres.database import Database
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.notifier.direct_notifier import DirectNotifier
from tests.component.running import KEYS, PUBLIC_URL, migrated
from tests.running_service import free_port
from tests.smtp_server import ScriptedServer

PATIENCE_SECONDS = 60.0

# How many mails the server has in the end: one is resent if nobody could write that it was sent.
POINTS = {
    "notifier.intended": 2,
    "notifier.connected": 2,
    "notifier.data": 2,
    "notifier.accepted": 3,
    "notifier.marked": 2,
}


def told(url: str, smtp_url: str, crash_file: Path) -> Mapping[str, str]:
    return {
        **os.environ,
        "BOOKWITH_DATABASE_URL": url,
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",  # senders alone need no Kafka
        "BOOKWITH_OIDC_ISSUER": "http://127.0.0.1:1",
        "BOOKWITH_OIDC_AUDIENCE": "bookwith",
        "BOOKWITH_ORGANIZATION_NAMESPACE": "6f2a0c1e-0000-4000-8000-000000000001",
        "BOOKWITH_PUBLIC_URL": PUBLIC_URL,
        "BOOKWITH_TOKEN_KEYS": KEYS,
        "BOOKWITH_HTTP_PORT": str(free_port()),
        "BOOKWITH_SMTP_URL": smtp_url,
        "BOOKWITH_SMTP_TIMEOUT_SECONDS": "3",
        "BOOKWITH_MAIL_SENDERS": "1",
        "BOOKWITH_ENVIRONMENT": "test",
        "BOOKWITH_CRASH_FILE": str(crash_file),
    }


def armed(point: str, folder: Path) -> Path:
    Path(folder / f"{point}.notifier").write_text(f"{point} 1")
    return folder / point


@asynccontextmanager
async def sending(environment: Mapping[str, str]) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.notifier", "serve", "--roles", "timers"),
        cwd=ROOT,
        env=dict(environment),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def die_at(point: str, url: str, folder: Path) -> tuple[int | None, ScriptedServer]:
    """Kill a sender at the point, start another; return how the first ended and what came."""
    server = ScriptedServer()
    await server.open()
    database = Database(url, size=4)
    await database.open()
    direct_notifier, meeting = DirectNotifier(database, server), BookedMeeting()
    crash_file = armed(point, folder)
    environment = told(url, server.url, crash_file)
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
    async with sending(environment) as first:
        died = await asyncio.wait_for(first.wait(), PATIENCE_SECONDS)

    async def both_sent() -> bool:
        return set((await direct_notifier.states(meeting.booking_id)).values()) == {"sent"}

    async with sending(environment), asyncio.timeout(PATIENCE_SECONDS):
        while not await both_sent():
            await asyncio.sleep(0.1)
    await database.close()
    await server.close()
    return died, server


async def test_a_sender_killed_at_any_point_loses_no_letter_and_sends_none_under_two_ids(
    database_url_factory: Callable[[str], str], tmp_path: Path
) -> None:
    urls = {point: migrated(database_url_factory("notifier"), "notifier") for point in POINTS}

    results = await asyncio.gather(*(die_at(point, urls[point], tmp_path) for point in POINTS))

    for point, (died, server) in zip(POINTS, results, strict=True):
        assert died == -signal.SIGKILL, point
        assert len({mail["Message-ID"] for mail in server.taken}) == 2, point
        assert len(server.taken) == POINTS[point], point

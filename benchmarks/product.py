"""The whole product to be measured over HTTP: one process of each service, organizers, free times.

Mail goes to a sink that accepts at once; the anchor is a service without anything of ours.
"""

import asyncio
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import psycopg

from benchmarks.processor_time import ProcessorTime
from deploy.local.client import Api, Unreachable, call
from deploy.local.stack import LocalStack

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[1]
# Enough that requests at the same time meet different ones: one organizer's bookings have an order.
ORGANIZERS = 48
MINUTES = 30
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
LETTERS = 2
START_SECONDS = 30.0
SETTLE_SECONDS = 60.0
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_HOURS = {day: [["00:00", "24:00"]] for day in WEEK}
# Three questions, and limits that are counted each time and never reached.
RULES: Mapping[str, Any] = {
    "questions": [
        {"id": "topic", "label": "What about?", "kind": "text", "required": True},
        {"id": "where", "label": "Which bridge?", "kind": "choice", "choices": ["North", "South"]},
        {"id": "first", "label": "Your first time?", "kind": "checkbox"},
    ],
    "max_per_day": 1000,
    "max_per_week": 1000,
    "max_active_per_attendee": 1000,
}
ANSWERS = [
    {"question_id": "topic", "value": "The bridge over the harbour"},
    {"question_id": "where", "value": "North"},
    {"question_id": "first", "value": True},
]
OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in WEEK[:5]}


@dataclass(frozen=True, slots=True)
class MeetingType:
    """A public meeting type of one organizer."""

    id: str
    path: str


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A start that is free, and the one behind it, as the API takes them."""

    meeting_type_id: str
    start: str
    behind: str

    @property
    def hold(self) -> dict[str, Any]:
        """Return the body that holds the time."""
        return {"meeting_type_id": self.meeting_type_id, "start": self.start}


@dataclass(slots=True)
class Product:
    """The running product."""

    stack: LocalStack
    anchor_url: str
    watch_port: int
    processes: dict[str, psutil.Process]
    types: list[MeetingType] = field(default_factory=list)
    office: MeetingType = MeetingType("", "")
    # Of the same organizers, with questions and limits; made by whoever measures with them.
    ruled_types: list[MeetingType] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def booking(self) -> str:
        return self.stack.url("booking")

    @property
    def availability(self) -> str:
        return self.stack.url("availability")

    def processor_time(self) -> ProcessorTime:
        return ProcessorTime(self.processes)

    def make_ruled_types(self) -> None:
        """Make a type with questions and limits for each organizer."""
        if self.ruled_types:
            return
        apis = [signed_in(self.stack, f"organizer-{each + 1}") for each in range(ORGANIZERS)]
        self.ruled_types = [made_type(api, "with-rules", ALL_HOURS, RULES) for api in apis]
        for kind in self.ruled_types:
            _wait_until_offered(self, kind)

    def free_time(self, *, ruled: bool = False) -> FreeTime:
        """Return a time that nobody was given before, with a free one behind it."""
        types = self.ruled_types if ruled else self.types
        number = next(self._numbers)
        day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        kind = types[number % len(types)]
        start = day + timedelta(days=2, minutes=2 * MINUTES * (number // len(types)))
        behind = start + timedelta(minutes=MINUTES)
        return FreeTime(kind.id, f"{start:{INSTANT}}", f"{behind:{INSTANT}}")

    async def settle(self) -> None:
        """Wait until every event has left, and availability knows of every claim."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not await asyncio.to_thread(self._is_settled):
            if time.monotonic() > deadline:
                raise TimeoutError("the product did not come to rest")
            await asyncio.sleep(0.1)

    def _is_settled(self) -> bool:
        staged = sum(
            self._number(service, "outbox") for service in ("booking", "availability", "notifier")
        )
        claims = (self._number("booking", "slot_claims"), self._number("availability", "claims"))
        return staged == 0 and claims[0] == claims[1]

    def _number(self, database: str, table: str) -> int:
        with psycopg.connect(self.stack.database_url(database)) as connection:
            row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        return int(row[0]) if row else 0


class Letters(asyncio.Protocol):
    """The letters that the sink has accepted, counted by booking."""

    def __init__(self) -> None:
        self._received = b""
        self._changed = asyncio.Event()
        self.of_booking: dict[str, int] = defaultdict(int)
        self.complete = 0
        """How many bookings have got the letters of their confirmation."""

    def data_received(self, data: bytes) -> None:
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            booking_id = line.decode().partition(".")[0]
            self.of_booking[booking_id] += 1
            self.complete += self.of_booking[booking_id] == LETTERS
        self._changed.set()

    async def wait_for_complete(self, number: int) -> None:
        """Wait until so many bookings have their letters."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while self.complete < number:
                self._changed.clear()
                await self._changed.wait()

    async def wait_for(self, booking_id: str, number: int) -> None:
        """Wait until so many letters about the booking were accepted."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while self.of_booking[booking_id] < number:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def letters_of(product: Product) -> AsyncIterator[Letters]:
    """Watch the sink."""
    loop = asyncio.get_running_loop()
    transport, letters = await loop.create_connection(Letters, HOST, product.watch_port)
    try:
        yield letters
    finally:
        transport.close()


@contextmanager
def running() -> Iterator[Product]:
    """Start everything and make the organizers with their free times."""
    smtp, watch, anchor = _free_ports(3)
    environment = {"BOOKWITH_SMTP_URL": f"smtp://{HOST}:{smtp}", "BOOKWITH_HOLD_SECONDS": "1800"}
    with ExitStack() as started:
        sink = started.enter_context(_process("benchmarks.sink", str(smtp), str(watch)))
        stack = started.enter_context(LocalStack(environment=environment))
        beside = started.enter_context(
            _process("benchmarks.anchor_service", str(anchor), stack.database_url("booking"))
        )
        anchor_url = f"http://{HOST}:{anchor}"
        _wait_until_ready(anchor_url)
        parts = {name: part.process() for name, part in stack.parts().items()}
        processes = {name: process for name, process in parts.items() if process is not None}
        product = Product(
            stack,
            anchor_url,
            watch,
            {**processes, "inbox": psutil.Process(sink.pid), "anchor": psutil.Process(beside.pid)},
        )
        _prepare(product)
        yield product


def _prepare(product: Product) -> None:
    """Make the organizers; the first one also has office hours, and nobody books there."""
    apis = [signed_in(product.stack, f"organizer-{each + 1}") for each in range(ORGANIZERS)]
    product.types = [made_type(api, "all-hours", ALL_HOURS) for api in apis]
    office = signed_in(product.stack, f"organizer-{ORGANIZERS + 1}")
    product.office = made_type(office, "office", OFFICE_HOURS)
    for kind in (*product.types, product.office):
        _wait_until_offered(product, kind)


def signed_in(stack: LocalStack, name: str) -> Api:
    """Return booking's API for an organizer whose page is published."""
    headers = {"Authorization": f"Bearer {stack.token(name)}"}
    api = Api(f"{stack.url('booking')}/api/booking/v1", headers, START_SECONDS)
    page = {
        "handle": name,
        "time_zone": "Europe/Copenhagen",
    }
    api.send("PUT", "/page", page)
    api.send("POST", "/page/publish")
    return api


def made_type(
    api: Api,
    slug: str,
    hours: dict[str, list[list[str]]],
    rules: Mapping[str, Any] = MappingProxyType({}),
) -> MeetingType:
    """Make a public meeting type of half an hour, with these fields beside."""
    made = api.send(
        "POST",
        "/meeting-types",
        {
            "title": "Interview",
            "slug": slug,
            "duration_minutes": MINUTES,
            "visibility": "public",
            "hours": "custom",
            "weekly_hours": hours,
            "min_lead_minutes": 0,
            "location": {"kind": "in_person", "address": "Workshop, second floor"},
            **rules,
        },
    )
    handle = api.get("/page")["handle"]
    return MeetingType(made["id"], f"/with/{handle}/{slug}")


def _wait_until_offered(product: Product, kind: MeetingType) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    period = f"from={tomorrow}&to={tomorrow + timedelta(days=7)}"
    path = f"/api/availability/v1/slots?meeting_type_id={kind.id}&{period}"
    deadline = time.monotonic() + START_SECONDS
    while True:
        answer = call("GET", f"{product.availability}{path}")
        if answer.status == 200 and answer.json()["slots"]:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{kind.path} is not offered: {answer.body.decode()}")
        time.sleep(0.05)


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if call("GET", f"{url}/select").status == 200:
                return
        except Unreachable:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("the anchor did not start")
        time.sleep(0.05)


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT)
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    [port] = _free_ports(1)
    return port


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((HOST, 0))
        return [int(each.getsockname()[1]) for each in sockets]

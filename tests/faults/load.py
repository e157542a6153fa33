"""Load under faults: clients book, and repeat each request under one key until it is answered."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx

from tests.checker.evidence import Outcome, SentCommand
from tests.e2e.client import BOOKING, Organizer, StackClients, instant, new_key, stamp

LONGEST_WAIT_SECONDS = 60.0
CLIENTS = 12
DAYS_AHEAD, DAYS = 3, 50

Sending = Callable[[], Awaitable[httpx.Response]]


class BookableOrganizer:
    """An organizer with a public and a private type, and times that nobody has asked for."""

    def __init__(self, account: Organizer, public: str, private: str) -> None:
        self.account = account
        self.public = public
        self.private = private
        day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first = day + timedelta(days=DAYS_AHEAD)
        self._starts = (first + timedelta(minutes=30) * n for n in range(DAYS * 48))

    def start(self) -> str:
        """Return a time that nobody has asked for yet."""
        return stamp(next(self._starts))


async def bookable_organizers(
    clients: StackClients, count: int, first: int = 1
) -> list[BookableOrganizer]:
    """Return organizers who are ready to be booked."""

    async def ready(number: int) -> BookableOrganizer:
        account = await clients.organizer(f"organizer-{number}")
        public = await account.meeting_type()
        private = await account.meeting_type(visibility="private")
        return BookableOrganizer(account, public["id"], private["id"])

    return list(await asyncio.gather(*(ready(first + n) for n in range(count))))


class Load:
    """Runs booking scenarios at the stack; keeps every command that was sent, with its outcome."""

    def __init__(
        self,
        clients: StackClients,
        organizers: list[BookableOrganizer],
        longest_wait: float = LONGEST_WAIT_SECONDS,
        scenarios: "tuple[Scenario, ...] | None" = None,
    ) -> None:
        self._clients = clients
        self._organizers = itertools.cycle(organizers)
        self._numbers = itertools.count(1)
        self._run = new_key()[:6]
        self._longest_wait = longest_wait
        self._scenarios = scenarios or SCENARIOS
        self._stopping = False
        self.asked: list[SentCommand] = []
        self.done = 0

    async def run(self, count: int) -> None:
        """Run so many scenarios, several at a time."""
        scenarios = iter(range(count))
        await asyncio.gather(*(self._client(scenarios) for _ in range(CLIENTS)))

    async def run_until_stopped(self) -> None:
        """Run scenarios until `stop` is called; those that have begun are finished."""
        self._stopping = False
        await asyncio.gather(*(self._client(itertools.count()) for _ in range(CLIENTS)))

    async def until(self, count: int) -> None:
        """Wait until so many scenarios have been done."""
        while self.done < count:
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        """Start no further scenario."""
        self._stopping = True

    async def _client(self, scenarios: Iterator[int]) -> None:
        for _ in scenarios:
            if self._stopping:
                return
            organizer, number = next(self._organizers), next(self._numbers)
            await self._scenarios[number % len(self._scenarios)](self, organizer)
            self.done += 1

    async def book(
        self, organizer: BookableOrganizer, start: str, link: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Ask for a booking; return it if it was acknowledged."""
        visitor = self._clients.visitor(link["token"] if link else None)
        kind = organizer.private if link else organizer.public
        email, key = f"{self._run}-{new_key()[:10]}@example.test", new_key()
        answer, sendings = await self._send_until_answered(
            lambda: visitor.book(kind, start, email, key)
        )
        booked: dict[str, Any] | None = None
        if answer is not None and answer.status_code == 201:
            booked = {**answer.json(), "email": email}
        self._note(
            "book",
            answer,
            sendings,
            key=key,
            organizer_id=organizer.account.id,
            email=email,
            start=instant(start),
            booking_id=booked["id"] if booked else None,
            link_id=link["id"] if link else None,
        )
        return booked

    async def change(
        self, booked: dict[str, Any], kind: Literal["move", "cancel"], start: str | None = None
    ) -> None:
        """Move or cancel a booking."""
        visitor, key = self._clients.visitor(), new_key()
        verb, body = ("reschedule", {"start": start}) if start else ("cancel", None)
        answer, sendings = await self._send_until_answered(
            lambda: visitor.change(booked, verb, body, key)
        )
        self._note(
            kind,
            answer,
            sendings,
            key=key,
            organizer_id=booked["organizer_id"],
            email=booked["email"],
            start=instant(start) if start else None,
            booking_id=booked["id"],
        )

    async def link(self, organizer: BookableOrganizer, **wanted: Any) -> dict[str, Any] | None:
        """Issue a link."""
        path, key = f"{BOOKING}/meeting-types/{organizer.private}/links", new_key()
        caller = organizer.account.caller
        answer, _ = await self._send_until_answered(
            lambda: caller.send("POST", path, wanted, key=key)
        )
        issued: dict[str, Any] | None = None
        if answer is not None and answer.status_code == 201:
            issued = answer.json()
        return issued

    async def _send_until_answered(self, send: Sending) -> tuple[httpx.Response | None, int]:
        """Send until the answer is definite; None when there was none in all that time."""
        deadline = time.monotonic() + self._longest_wait
        for sendings in itertools.count(1):
            answer: httpx.Response | None = None
            with suppress(httpx.TransportError):
                answer = await send()
            if answer is not None and _definite(answer):
                return answer, sendings
            if time.monotonic() > deadline:
                return None, sendings
            await asyncio.sleep(0.1)
        raise AssertionError

    def _note(
        self,
        kind: Literal["book", "move", "cancel"],
        answer: httpx.Response | None,
        sendings: int,
        **about: Any,
    ) -> None:
        outcome: Outcome = "unknown"
        problem = None
        if answer is not None:
            outcome = "ok" if answer.status_code in (200, 201) else "refused"
            problem = answer.json().get("type")
        status = answer.status_code if answer is not None else None
        self.asked.append(
            SentCommand(
                kind=kind,
                outcome=outcome,
                status=status,
                problem=problem,
                sendings=sendings,
                **about,
            )
        )


def _definite(answer: httpx.Response) -> bool:
    if answer.status_code in (202, 429) or answer.status_code >= 500:
        return False
    return bool(answer.json().get("type") != "/problems/request-in-progress")


async def book_only(load: Load, organizer: BookableOrganizer) -> None:
    """Book."""
    await load.book(organizer, organizer.start())


async def moved(load: Load, organizer: BookableOrganizer) -> None:
    """Book and move."""
    booked = await load.book(organizer, organizer.start())
    if booked:
        await load.change(booked, "move", organizer.start())


async def cancelled(load: Load, organizer: BookableOrganizer) -> None:
    """Book and cancel."""
    booked = await load.book(organizer, organizer.start())
    if booked:
        await load.change(booked, "cancel")


async def book_move_and_cancel(load: Load, organizer: BookableOrganizer) -> None:
    booked = await load.book(organizer, organizer.start())
    if booked:
        await load.change(booked, "move", organizer.start())
        await load.change(booked, "cancel")


async def two_requests_for_one_slot(load: Load, organizer: BookableOrganizer) -> None:
    """Request one time twice at once."""
    start = organizer.start()
    await asyncio.gather(*(load.book(organizer, start) for _ in range(2)))


async def two_requests_with_one_link(load: Load, organizer: BookableOrganizer) -> None:
    """Request two times at once with one single-use link."""
    link = await load.link(organizer, max_uses=1)
    if link:
        await asyncio.gather(*(load.book(organizer, organizer.start(), link) for _ in range(2)))


async def link_that_expires(load: Load, organizer: BookableOrganizer) -> None:
    """Issue a link whose deadline a timer must handle soon."""
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await load.link(organizer, expires_at=stamp(soon))


Scenario = Callable[[Load, BookableOrganizer], Awaitable[None]]
SCENARIOS: tuple[Scenario, ...] = (
    book_only,
    moved,
    two_requests_for_one_slot,
    cancelled,
    two_requests_with_one_link,
    book_move_and_cancel,
    link_that_expires,
)

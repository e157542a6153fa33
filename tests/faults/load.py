"""People who book while things break: each asks with one key until the answer is definite."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx

from tests.checker.evidence import Asked, Outcome
from tests.e2e.client import BOOKING, Organizer, World, instant, new_key, stamp

PATIENCE_SECONDS = 60.0
CLIENTS = 12
DAYS_AHEAD, DAYS = 3, 50

Sending = Callable[[], Awaitable[httpx.Response]]


class Place:
    """An organizer with a public and a private type, and an endless supply of free times."""

    def __init__(self, organizer: Organizer, public: str, private: str) -> None:
        self.organizer = organizer
        self.public = public
        self.private = private
        day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first = day + timedelta(days=DAYS_AHEAD)
        self._starts = (first + timedelta(minutes=30) * n for n in range(DAYS * 48))

    def start(self) -> str:
        """Return a time that nobody has asked for yet."""
        return stamp(next(self._starts))


async def places(world: World, count: int, first: int = 1) -> list[Place]:
    """Return organizers who are ready to be booked."""

    async def ready(number: int) -> Place:
        organizer = await world.organizer(f"organizer-{number}")
        public = await organizer.meeting_type()
        private = await organizer.meeting_type(visibility="private")
        return Place(organizer, public["id"], private["id"])

    return list(await asyncio.gather(*(ready(first + n) for n in range(count))))


class Load:
    """Bookings, moves, cancellations and rivals, with all that was asked and answered."""

    def __init__(
        self,
        world: World,
        where: list[Place],
        patience: float = PATIENCE_SECONDS,
        scenes: "tuple[Scene, ...] | None" = None,
    ) -> None:
        self._world = world
        self._places = itertools.cycle(where)
        self._numbers = itertools.count(1)
        self._dice = random.Random(7)
        self._run = new_key()[:6]
        self._patience = patience
        self._scenes = scenes or SCENES
        self._stopping = False
        self.asked: list[Asked] = []
        self.done = 0

    async def play(self, count: int) -> None:
        """Play so many scenes, several at a time."""
        scenes = iter(range(count))
        await asyncio.gather(*(self._client(scenes) for _ in range(CLIENTS)))

    async def play_until_stopped(self) -> None:
        """Play on and on; what has begun when it is stopped is played to its end."""
        self._stopping = False
        await asyncio.gather(*(self._client(itertools.count()) for _ in range(CLIENTS)))

    async def until(self, count: int) -> None:
        """Wait until so many scenes have been played."""
        while self.done < count:
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        """Begin no new scene."""
        self._stopping = True

    async def _client(self, scenes: Iterator[int]) -> None:
        for _ in scenes:
            if self._stopping:
                return
            place, number = next(self._places), next(self._numbers)
            await self._scenes[number % len(self._scenes)](self, place)
            self.done += 1

    async def book(
        self, place: Place, start: str, link: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Ask for a booking; return it if it was acknowledged."""
        visitor = self._world.visitor(link["token"] if link else None)
        kind = place.private if link else place.public
        email, key = f"{self._run}-{new_key()[:10]}@example.test", new_key()
        answer, sendings = await self._insist(lambda: visitor.book(kind, start, email, key))
        booked: dict[str, Any] | None = None
        if answer is not None and answer.status_code == 201:
            booked = {**answer.json(), "email": email}
        self._note(
            "book",
            answer,
            sendings,
            key=key,
            organizer_id=place.organizer.id,
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
        visitor, key = self._world.visitor(), new_key()
        verb, body = ("reschedule", {"start": start}) if start else ("cancel", None)
        answer, sendings = await self._insist(lambda: visitor.change(booked, verb, body, key))
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

    async def link(self, place: Place, **wanted: Any) -> dict[str, Any] | None:
        """Issue a link."""
        path, key = f"{BOOKING}/meeting-types/{place.private}/links", new_key()
        caller = place.organizer.caller
        answer, _ = await self._insist(lambda: caller.send("POST", path, wanted, key=key))
        issued: dict[str, Any] | None = None
        if answer is not None and answer.status_code == 201:
            issued = answer.json()
        return issued

    async def _insist(self, send: Sending) -> tuple[httpx.Response | None, int]:
        """Send until the answer is definite; None when there was none in all that time."""
        deadline = time.monotonic() + self._patience
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
            Asked(
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


async def plain(load: Load, place: Place) -> None:
    """Book."""
    await load.book(place, place.start())


async def moved(load: Load, place: Place) -> None:
    """Book and move."""
    booked = await load.book(place, place.start())
    if booked:
        await load.change(booked, "move", place.start())


async def cancelled(load: Load, place: Place) -> None:
    """Book and cancel."""
    booked = await load.book(place, place.start())
    if booked:
        await load.change(booked, "cancel")


async def moved_and_cancelled(load: Load, place: Place) -> None:
    booked = await load.book(place, place.start())
    if booked:
        await load.change(booked, "move", place.start())
        await load.change(booked, "cancel")


async def rivals_for_a_slot(load: Load, place: Place) -> None:
    """Let two want one time."""
    start = place.start()
    await asyncio.gather(*(load.book(place, start) for _ in range(2)))


async def rivals_with_a_link(load: Load, place: Place) -> None:
    """Let two want different times with one single-use link."""
    link = await load.link(place, max_uses=1)
    if link:
        await asyncio.gather(*(load.book(place, place.start(), link) for _ in range(2)))


async def a_link_that_ends(load: Load, place: Place) -> None:
    """Leave a deadline behind, which a timer must see to."""
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await load.link(place, expires_at=stamp(soon))


Scene = Callable[[Load, Place], Awaitable[None]]
SCENES: tuple[Scene, ...] = (
    plain,
    moved,
    rivals_for_a_slot,
    cancelled,
    rivals_with_a_link,
    moved_and_cancelled,
    a_link_that_ends,
)

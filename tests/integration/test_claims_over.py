"""Two who want times that only a hold past its deadline is in the way of: both have theirs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.booking.bookings.outcomes import TimeRefused
from services.booking.bookings.reservation import Reservation
from services.booking.domain import page
from services.booking.meeting_types.commands import create_type
from services.booking.page.commands import change_page
from services.booking.page.decisions import allow_pages
from services.booking.page.streams import PAGE
from services.booking.store import store
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection
from services.chassis.runtime.cause import current_cause
from tests.builders import ANNA, NOW, profile, settings
from tests.component.running import migrated
from tests.integration.stateful.process import (
    HOLD,
    Process,
    emptied,
    set_clock,
    started,
    with_set_clock,
)

TYPE = UUID("c0ffee00-0000-7000-8000-000000000009")
TEN = NOW.replace(hour=10) + timedelta(days=1)


@pytest.fixture
async def processes(
    database_url_factory: Callable[[str], str],
) -> AsyncIterator[tuple[Process, Process]]:
    url = migrated(database_url_factory("booking"), "booking")
    await with_set_clock(url)
    both = (await started(url), await started(url))
    await emptied(both[0].database)
    transactions = both[0].transactions

    async def with_page(connection: Connection) -> None:
        stream = PAGE.stream(ANNA)
        loaded = (await store.load(connection, stream)).get(stream)
        made = loaded.decide(page.CreatePage(ANNA, profile(time_zone="UTC")))
        await store.append(connection, str(ANNA), [made], at=NOW)

    offered = replace(
        settings(duration_minutes=60, increment_minutes=30, visibility="public"), max_per_day=None
    )
    await transactions.write(with_page)
    await transactions.write(lambda c: allow_pages(c, {ANNA: current_cause()}))
    await transactions.write(lambda c: change_page(c, ANNA, page.PublishPage()))
    await transactions.write(lambda c: create_type(c, TYPE, ANNA, offered))
    yield both
    for process in both:
        await process.close()


async def reserve(process: Process, minutes: int) -> TimeRefused | None:
    """Ask the process for the hour that begins so many minutes after ten."""
    asked = Reservation(
        booking_id=new_id(),
        meeting_type_id=TYPE,
        start=TEN + timedelta(minutes=minutes),
        link_id=None,
    )
    return await process.bookings.reserve(asked)


async def test_of_two_who_find_a_hold_that_is_over_each_has_their_time(
    processes: tuple[Process, Process],
) -> None:
    """One of them releases it; the other finds that it is gone."""
    now = NOW
    for _ in range(30):
        assert await reserve(processes[0], 0) is None
        now += HOLD
        await set_clock(processes[0].database, now)

        beside = await asyncio.gather(reserve(processes[0], 30), reserve(processes[1], -30))

        assert [None, None] == list(beside)
        now += HOLD
        await set_clock(processes[0].database, now)


async def test_whoever_wants_the_time_of_a_live_hold_is_told_that_it_is_taken(
    processes: tuple[Process, Process],
) -> None:
    assert await reserve(processes[0], 0) is None

    refused = await asyncio.gather(reserve(processes[0], 30), reserve(processes[1], -30))

    assert ["SlotTaken", "SlotTaken"] == [type(each.refusal).__name__ for each in refused if each]

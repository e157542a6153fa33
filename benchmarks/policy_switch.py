"""The organization is switched off: from the change to the last page closed, and its parts."""

import asyncio
import json
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event

from aiokafka import AIOKafkaConsumer
from psycopg import AsyncConnection

from benchmarks.ground import Ground, execute, opened
from benchmarks.measuring import Bar, Finding, Series
from benchmarks.policy_users import booking_database, policy_database
from benchmarks.policy_verdicts import SWITCH_OFF, USERS
from contracts.topics import BOOKING_EVENTS, POLICY_EVENTS
from services.booking.consumers import SUBSCRIPTIONS
from services.chassis.events.retries import run_with_retries
from services.chassis.events.timers import Timers
from services.chassis.messaging.consumer import Consumers
from services.chassis.messaging.faststream_consumer import MAX_RECORDS
from services.chassis.messaging.outbox import CHANNEL
from services.chassis.messaging.relay import Relay
from services.chassis.postgres.database import Database
from services.chassis.postgres.signals import Signals
from services.policy.commands import change_organization
from services.policy.timers import HANDLERS

AIM_SECONDS = 10.0
LONGEST_SECONDS = 300.0
# What a bare consumer does about a withdrawal: the same append, with everything made beforehand.
_APPEND = b"""
    SELECT append_events('booking.events.v1', %(key)s, ARRAY['page-' || %(key)s], ARRAY[3],
        ARRAY['page-' || %(key)s], ARRAY[4], ARRAY[gen_random_uuid()], ARRAY['PageDenied'], now(),
        ARRAY['{"rule": "ews_enabled"}'::jsonb], '{}'::jsonb, ARRAY['{}'],
        ARRAY['{"rule": "ews_enabled"}'])
"""
_CLOSED = "SELECT count(*) AS n FROM outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The seconds of one switch: each step alone, and all of them at once."""

    decided: float
    published: float
    consumed: float
    bare: float
    together: float


@dataclass(frozen=True, slots=True)
class Steps:
    """What the two processes tell each other."""

    ready: Event
    begun: Event
    closed: Event


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure each step alone, the bare consumption of the same events, and all steps at once."""
    for topic in (POLICY_EVENTS, BOOKING_EVENTS):
        await ground.new_topic(topic)
    # The events of one sample are not those of the next: each reads on from where it began.
    found = [await _sample(ground, number) for number in range(samples)]
    typical = sorted(found, key=lambda each: each.together)[len(found) // 2]
    verdict = "held" if typical.together <= AIM_SECONDS else "missed"
    return Finding(
        name="policy_switch",
        claim=f"booking closes {USERS:,} pages by the events of an organization's switch",
        anchor="bare aiokafka getmany, json.loads, the same append in a pipeline, then the offsets",
        unit="events/s",
        bar=Bar("at least", 0.5),
        ours=Series(tuple(USERS / each.consumed for each in found)),
        anchors=Series(tuple(USERS / each.bare for each in found)),
        notes=(
            (
                f"Each step alone, in s: policy decides {typical.decided:.1f}, its relay "
                f"publishes {typical.published:.1f}, booking closes {typical.consumed:.1f}. All "
                f"at once, from the change to the last page: {typical.together:.1f} s, of "
                f"{AIM_SECONDS:g} s aimed at: {verdict}. No page is shown or booked from the "
                "announcement on."
            ),
        ),
    )


async def _sample(ground: Ground, number: int) -> Parts:
    policy_url = await policy_database(ground, f"benchmark_switch_{number}", USERS, streams=True)
    booking_url = await booking_database(ground, f"benchmark_pages_{number}", USERS)
    bare_url = await booking_database(ground, f"benchmark_bare_{number}", USERS)
    for group in ("alone", "bare"):
        await _skip_to_the_end(ground, f"{group}-{number}")
    async with opened(policy_url, size=4) as policy, opened(booking_url, size=4) as booking:
        decided = await _timed(_decide(policy))
        published = await _timed(_publish(ground, policy))
        bare = await _timed(_bare(ground, bare_url, f"bare-{number}"))
        consumed = await _timed(_close(ground, booking, f"alone-{number}"))
    await _skip_to_the_end(ground, f"together-{number}")
    again = await policy_database(ground, f"benchmark_whole_{number}", USERS, streams=True)
    pages = await booking_database(ground, f"benchmark_whole_pages_{number}", USERS)
    async with opened(pages, size=4) as booking:
        together = await _together(ground, again, booking, f"together-{number}")
    for name in ("switch", "pages", "bare", "whole", "whole_pages"):
        admin = ground.stack.database_url("postgres")
        await execute(admin, f"DROP DATABASE benchmark_{name}_{number} WITH (FORCE)")
    return Parts(
        decided=decided, published=published, consumed=consumed, bare=bare, together=together
    )


async def _timed(work: Awaitable[None]) -> float:
    started = time.perf_counter()
    async with asyncio.timeout(LONGEST_SECONDS):
        await work
    return time.perf_counter() - started


async def _decide(policy: Database) -> None:
    timers = Timers(policy, HANDLERS, lambda: None)
    await run_with_retries(policy, lambda c: change_organization(c, SWITCH_OFF, None))
    while await timers.fire_one():
        pass


async def _publish(ground: Ground, policy: Database) -> None:
    relay = Relay(policy, ground.kafka, Signals(policy, (CHANNEL,)), "benchmark")
    assert await relay.take_lease()
    while await relay.drain():
        pass
    await relay.stop()


async def _close(ground: Ground, booking: Database, group: str) -> None:
    async with _running(_consumers(ground, booking, group)):
        await _until_closed(booking)


async def _together(ground: Ground, policy_url: str, booking: Database, group: str) -> float:
    """Return the seconds from the change, with policy in a process of its own as it always is."""
    processes = multiprocessing.get_context("spawn")
    steps = Steps(processes.Event(), processes.Event(), processes.Event())
    policy = processes.Process(target=_run_policy, args=(policy_url, ground.kafka, steps))
    policy.start()
    try:
        async with _running(_consumers(ground, booking, group)):
            assert await asyncio.to_thread(steps.ready.wait, LONGEST_SECONDS)
            steps.begun.set()
            return await _timed(_until_closed(booking))
    finally:
        steps.begun.set()
        steps.closed.set()
        await asyncio.to_thread(policy.join, LONGEST_SECONDS)


def _run_policy(url: str, kafka: str, steps: Steps) -> None:
    asyncio.run(_switch_off(url, kafka, steps))


async def _switch_off(url: str, kafka: str, steps: Steps) -> None:
    async with opened(url, size=4) as policy:
        relay = Relay(policy, kafka, Signals(policy, (CHANNEL,)), "benchmark")
        async with _running(relay):
            timers = Timers(policy, HANDLERS, relay.wake)
            steps.ready.set()
            await asyncio.to_thread(steps.begun.wait, LONGEST_SECONDS)
            await run_with_retries(policy, lambda c: change_organization(c, SWITCH_OFF, None))
            while await timers.fire_one():
                pass
            await asyncio.to_thread(steps.closed.wait, LONGEST_SECONDS)


async def _until_closed(booking: Database) -> None:
    while True:
        async with booking.connection() as connection:
            row = await (await connection.execute(_CLOSED.encode())).fetchone()
        if row is not None and row["n"] >= USERS:
            return
        await asyncio.sleep(0.05)


def _consumers(ground: Ground, booking: Database, group: str) -> Consumers:
    return Consumers(
        bootstrap_servers=ground.kafka,
        group=group,
        instance="1",
        database=booking,
        subscriptions=[each for each in SUBSCRIPTIONS if each.topic == POLICY_EVENTS],
        on_commit=lambda committed: None,
        logged_share=0,
    )


@asynccontextmanager
async def _running(part: Consumers | Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(part.run())
    try:
        yield
    finally:
        await part.stop()
        task.cancel()


async def _bare(ground: Ground, url: str, group: str) -> None:
    consumer = _bare_consumer(ground, group)
    await consumer.start()
    closed = 0
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        while closed < USERS:
            found = await consumer.getmany(timeout_ms=1_000, max_records=MAX_RECORDS)
            records = [record for some in found.values() for record in some]
            bodies = [json.loads(record.value) for record in records]
            users = [body["user_id"] for body in bodies if "user_id" in body]
            async with connection.transaction(), connection.pipeline():
                for key in users:
                    await connection.execute(_APPEND, {"key": key}, prepare=True)
            if records:
                await consumer.commit()
            closed += len(users)
    await consumer.stop()


async def _skip_to_the_end(ground: Ground, group: str) -> None:
    """Let the group begin behind what is there already."""
    consumer = _bare_consumer(ground, group)
    await consumer.start()
    while not consumer.assignment():
        await consumer.getmany(timeout_ms=100)
    await consumer.seek_to_end()
    await consumer.commit({each: await consumer.position(each) for each in consumer.assignment()})
    await consumer.stop()


def _bare_consumer(ground: Ground, group: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        POLICY_EVENTS,
        bootstrap_servers=ground.kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )

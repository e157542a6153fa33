"""What each service is assembled from; its `app.py` adds routes, subscriptions, timers, workers."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict

from fastapi import APIRouter, FastAPI, Request
from psycopg.conninfo import conninfo_to_dict
from starlette.responses import Response
from starlette.types import ASGIApp

from services.chassis.events.timers import Handler as TimerHandler
from services.chassis.events.timers import Timers
from services.chassis.http.application import create_app
from services.chassis.http.budgets.entrance import Entrance
from services.chassis.http.conditional import ConditionalGet
from services.chassis.http.connections import Connections
from services.chassis.http.idempotency import Idempotency, forget_old_keys
from services.chassis.http.middleware import BodyLimit, RequestContext
from services.chassis.http.operation import LivenessProbe, while_running
from services.chassis.http.request_log import RequestLog
from services.chassis.identity.bearer import Authenticator
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.provider import Provider
from services.chassis.messaging import refused_messages
from services.chassis.messaging.batches import Committed, key_of_event
from services.chassis.messaging.consumer import Consumers
from services.chassis.messaging.outbox import CHANNEL
from services.chassis.messaging.relay import Relay
from services.chassis.messaging.subscriptions import Subscription
from services.chassis.messaging.topic_check import TopicCheck, topics_of
from services.chassis.postgres.database import PASSING_FAULTS, Database
from services.chassis.postgres.poolers import UnsuitablePooler
from services.chassis.postgres.signals import Signals
from services.chassis.runtime import crash_points, telemetry
from services.chassis.runtime.first_samples import set_first_samples
from services.chassis.runtime.process import Part, Process, Step
from services.chassis.runtime.readiness import reach_kafka
from services.chassis.runtime.settings import Settings

FORGET_EVERY_SECONDS = 600

RefusalAnswer = Callable[[Request, Exception], Awaitable[Response]]


class Service:
    """One service in one process: its database, outbox and relay, keys, sign-in."""

    def __init__(self, name: str, settings: Settings, *, channels: tuple[str, ...] = ()) -> None:
        telemetry.set_up(name, settings.instance, settings.log_level, settings.otlp_endpoint)
        crash_points.allow(name, settings.environment, settings.crash_file)
        self.name = name
        self.settings = settings
        self.connections = Connections(settings.http_connections)
        self.database = Database(settings.database_url, size=settings.database_pool_size)
        self.signals = Signals(self.database, (CHANNEL, *channels))
        self.keys = KeyRing.parse(settings.token_keys)
        self.relay = Relay(
            self.database,
            settings.kafka_bootstrap_servers,
            self.signals,
            holder=f"{name}-{settings.instance}",
        )
        self.provider = Provider(settings.oidc_issuer)
        self.authenticator = Authenticator(
            provider=self.provider,
            namespace=settings.organization_namespace,
            audience=settings.oidc_audience,
            names=settings.claim_names,
        )

    def process(
        self,
        *,
        roles: frozenset[str],
        routers: Sequence[APIRouter] = (),
        parts: object = None,
        refusals: Mapping[type[Exception], RefusalAnswer] | None = None,
        subscriptions: Sequence[Subscription] = (),
        wakes: tuple[str, ...] = (),
        fetch_seconds: float = 0.0,
        timers: Mapping[str, TimerHandler] | None = None,
        workers: Sequence[Step] = (),
        close: Sequence[Step] = (),
        token_headers: Sequence[str] = (),
        entrance: Entrance | None = None,
    ) -> Process:
        """Return the process for the roles; its routes ask for `parts`.

        Behind each batch, those on the channels `wakes` are woken who wait for what it was about.
        A service that few events concern lets Kafka gather them for `fetch_seconds`: each answer
        costs both sides as much as many records.
        """
        set_first_samples(self.name, subscriptions, timers or {})
        consumers = self._consumers(subscriptions, wakes, fetch_seconds)
        running = [Part(self.signals.run)]
        if "consumers" in roles and subscriptions:
            running.append(Part(consumers.run, consumers.stop))
        if "timers" in roles:
            firing = Timers(self.database, timers or {}, self.notify_relay)
            running += [Part(step) for step in (firing.run, *workers, self._forget_old_keys)]
        if "http" in roles and entrance is not None:
            running.append(Part(entrance.run))
        if "relay" in roles:
            running.append(Part(self.relay.run, self.relay.stop))
        return Process(
            open=[self._open_database],
            parts=running,
            close=[*close, self.authenticator.close, self.database.close, _flush_traces],
            app=self._app(consumers, roles, routers, parts, refusals, token_headers, entrance),
            host=self.settings.http_host,
            port=self.settings.http_port,
            connections=self.connections,
            grace_seconds=self.settings.shutdown_grace_seconds,
            port_shared_by=self._deployment() if self.settings.http_port_shared else None,
        )

    def _deployment(self) -> str:
        """Return which service of which deployment this is; its processes have one database."""
        database = conninfo_to_dict(self.settings.database_url)
        where = [str(database.get(part, "")) for part in ("host", "port", "dbname")]
        return f"{self.name} with the database {'/'.join(where)}"

    async def _open_database(self) -> None:
        try:
            await self.database.open()
        except UnsuitablePooler as unsuitable:
            raise SystemExit(str(unsuitable)) from unsuitable

    def notify_relay(self) -> None:
        """Publish soon what a committed transaction has staged."""
        self.relay.wake()

    def _consumers(
        self, subscriptions: Sequence[Subscription], wakes: tuple[str, ...], fetch_seconds: float
    ) -> Consumers:
        def on_commit(committed: Committed) -> None:
            """Wake those who wait for a subject, and here those who wait for an event about it."""
            self.notify_relay()
            for channel in wakes:
                handled = {key_of_event(*each) for each in committed.handled}
                self.signals.wake(channel, handled, everywhere=False)
                self.signals.wake(channel, committed.subjects)

        return Consumers(
            bootstrap_servers=self.settings.kafka_bootstrap_servers,
            group=self.name,
            instance=self.settings.instance,
            database=self.database,
            subscriptions=subscriptions,
            on_commit=on_commit,
            logged_share=self.settings.log_batches,
            fetch_seconds=fetch_seconds,
        )

    def _app(
        self,
        consumers: Consumers,
        roles: frozenset[str],
        routers: Sequence[APIRouter],
        parts: object,
        refusals: Mapping[type[Exception], RefusalAnswer] | None,
        token_headers: Sequence[str],
        entrance: Entrance | None,
    ) -> ASGIApp:
        async def kafka() -> None:
            await reach_kafka(self.settings.kafka_bootstrap_servers)
            if "consumers" in roles and consumers.topics:
                await consumers.check()

        topics = TopicCheck(self.settings.kafka_bootstrap_servers, topics_of(self.name))

        async def refresh_metrics() -> None:
            depth = await self.relay.depth()
            telemetry.OUTBOX_DEPTH.set(depth.waiting)
            telemetry.OUTBOX_AGE.set(depth.seconds)
            telemetry.OUTBOX_REFUSED.set(depth.refused)
            for topic, lag in (await consumers.lag()).items():
                telemetry.LAG_EVENTS.labels(topic).set(lag.records)
                telemetry.LAG_SECONDS.labels(topic).set(lag.seconds)

        # A process without the http role still answers probes and metrics.
        app = create_app(
            self.name,
            routers=routers if "http" in roles else (),
            parts=parts,
            required={"process": while_running(self.connections), "database": self.database.ping},
            wanted={"kafka": kafka, "topics": topics.check, "outbox": self.relay.check},
            refresh_metrics=refresh_metrics,
            refusals=refusals or {},
            who_sent=self.authenticator.authenticate,
            public_url=self.settings.public_url,
        )
        return self._behind_edge(app, token_headers, entrance)

    def _behind_edge(
        self, app: FastAPI, token_headers: Sequence[str], entrance: Entrance | None
    ) -> ASGIApp:
        """Return the application behind what each of its requests passes."""
        requests = RequestLog(app.state.route_table, self.settings.log_requests)
        served: ASGIApp = Idempotency(
            ConditionalGet(app),
            database=self.database,
            keys=self.keys,
            who_sent=self.authenticator.authenticate,
            token_headers=token_headers,
            routes=app.state.route_table,
        )
        if entrance is not None:
            served = entrance.before(served, self.authenticator.authenticate)
        served = RequestContext(BodyLimit(served), requests)
        return LivenessProbe(served, self.name)

    async def _forget_old_keys(self) -> None:
        while True:
            with suppress(*PASSING_FAULTS):  # the next round will do
                await forget_old_keys(self.database)
            await asyncio.sleep(FORGET_EVERY_SECONDS)


async def _flush_traces() -> None:
    await asyncio.to_thread(telemetry.flush_traces)


async def print_refused(database_url: str, *, put_back: bool) -> None:
    """Print the messages that Kafka refused, a line each; let them be sent again if asked."""
    database = Database(database_url, size=2)
    await database.open()
    try:
        found = await refused_messages.refused_messages(database)
        count = await refused_messages.put_back(database) if put_back else 0
    finally:
        await database.close()
    for each in found:
        sys.stdout.write(f"{json.dumps(asdict(each), default=str)}\n")
    said = f"{count} put back" if put_back else f"{len(found)} messages are put aside"
    sys.stderr.write(f"{said}.\n")

"""Metrics that are there from the start, at 0: a rate can be told only from a sample before it."""

import platform
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from contracts.registry import EVENTS_BY_TOPIC
from contracts.topics import TOPICS
from services.chassis.messaging.dead_letters import REASONS
from services.chassis.messaging.subscriptions import Subscription
from services.chassis.runtime import telemetry

ROOT = Path(__file__).parents[3]
CONSUMED_OUTCOMES = ("applied", "duplicate", "skipped", "parked")
TIMER_OUTCOMES = ("fired", "failed")


def set_first_samples(
    service: str, subscriptions: Iterable[Subscription], timers: Mapping[str, object]
) -> None:
    """Make the samples of all labels that are known: topics, types of events, kinds of timers."""
    telemetry.BUILD.labels(service, installed_version(), platform.python_version()).set(1)
    for topic in TOPICS:
        if topic.publisher == service:
            for event in EVENTS_BY_TOPIC[topic.name]:
                telemetry.APPENDED.labels(event.__name__)
    for subscription in subscriptions:
        for outcome in CONSUMED_OUTCOMES:
            telemetry.CONSUMED.labels(subscription.topic, outcome)
        for reason in REASONS:
            telemetry.DEAD_LETTERS.labels(subscription.topic, reason)
        telemetry.SEQUENCE_GAPS.labels(subscription.topic)
        telemetry.LAG_EVENTS.labels(subscription.topic)
        telemetry.LAG_SECONDS.labels(subscription.topic)
        telemetry.HANDLER_SECONDS.labels(subscription.topic)
    for kind in timers:
        for outcome in TIMER_OUTCOMES:
            telemetry.TIMERS_FIRED.labels(kind, outcome)


def installed_version() -> str:
    """Return the version of the installed package, else that of the checkout."""
    try:
        return version("bookwith")
    except PackageNotFoundError:
        document = tomllib.loads((ROOT / "pyproject.toml").read_text())
        return str(document["project"]["version"])

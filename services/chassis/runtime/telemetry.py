"""Logs, metrics and traces: ids and counts only, no token and no personal data."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram, Info

from services.chassis.runtime.cause import logged_ids
from services.chassis.web.zones import ZONE_DATA_VERSION

BUILD = Gauge(
    "bookwith_build_info", "1; which version of what runs here", ["service", "version", "python"]
)
APPENDED = Counter("bookwith_events_appended_total", "Events stored, by what happened", ["type"])
RELAYED = Counter("bookwith_relayed_messages_total", "Messages published from the outbox")
REFUSED = Counter(
    "bookwith_outbox_refused_total", "Messages that Kafka refused for good", ["topic"]
)
OUTBOX_REFUSED = Gauge(
    "bookwith_outbox_put_aside", "Messages that Kafka refused and that are put aside"
)
OUTBOX_DEPTH = Gauge("bookwith_outbox_depth", "Messages that wait to be published")
OUTBOX_AGE = Gauge("bookwith_outbox_age_seconds", "Age of the oldest message that waits")
CONSUMED = Counter(
    "bookwith_consumed_events_total", "Records consumed", ["topic", "outcome"]
)  # outcome: applied | duplicate | skipped | parked
SEQUENCE_GAPS = Counter(
    "bookwith_sequence_gaps_total", "Gaps in a key's sequence: an event is missing", ["topic"]
)
REJOINS = Counter(
    "bookwith_consumer_rejoins_total", "Times the group was left because of a fault", ["fault"]
)
LAG_EVENTS = Gauge("bookwith_consumer_lag_events", "Records not yet consumed", ["topic"])
LAG_SECONDS = Gauge(
    "bookwith_consumer_lag_seconds",
    "Age of what is not yet applied",
    ["topic"],
)
DEAD_LETTERS = Counter("bookwith_dead_letters_total", "Records parked", ["topic", "reason"])
APPEND_RETRIES = Counter(
    "bookwith_append_retries_total", "Transactions run again because somebody else appended first"
)
TIMERS_FIRED = Counter("bookwith_timers_fired_total", "Timers fired", ["kind", "outcome"])
REQUEST_SECONDS = Histogram(
    "bookwith_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
REQUEST_ROUND_TRIPS = Histogram(
    "bookwith_request_round_trips",
    "Waits of a request for the database",
    ["method", "route"],
    buckets=(0, 1, 2, 3, 4, 5, 6, 8, 12, 20),
)
HANDLER_SECONDS = Histogram(
    "bookwith_batch_seconds",
    "Time to apply a batch of records",
    ["topic"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
ZONE_DATA = Info("bookwith_zone_data", "The release of the time zone data that the process uses")
ZONE_DATA.info({"version": ZONE_DATA_VERSION})


def set_up(service: str, instance: str, level: str, otlp_endpoint: str | None) -> None:
    """Log JSON lines to standard output; send traces when an endpoint is named."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _cause,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _identity(service, instance),
            _name_exception,
            structlog.processors.JSONRenderer(_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                _cause,
                _library_line,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _identity(service, instance),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _name_exception,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)  # Python's own are lines like all others
    # Whoever asks the pool in vain says so (database_away and others): no second line for each.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    if otlp_endpoint:
        _send_traces(service, otlp_endpoint)


def _json(line: Any, default: Any = None, **_: Any) -> str:
    return orjson.dumps(line, default=default).decode()


def _identity(service: str, instance: str) -> Any:
    def add(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        line["service"], line["instance"] = service, instance
        return line

    return add


def _cause(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Add the ids of the cause: when a line is written, not with each request."""
    return {**line, **logged_ids()}


def _library_line(
    _: object, __: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Name a library's line as ours are; only its first line, others quote values."""
    said = str(line["event"]).strip().partition("\n")[0]
    line["event"], line["said"] = "library_line", said[:300]
    return line


def _name_exception(
    _: object, __: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Log where an exception came from, never its words or locals: they may hold personal data."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        line["exception"] = type(error).__name__
        if notes := getattr(error, "logged_notes", None):
            line["notes"] = notes
        line["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    return line


def note(error: BaseException, words: str) -> None:
    """Add to the error what is shown and logged with it; it must hold no personal data."""
    error.add_note(words)
    vars(error).setdefault("logged_notes", []).append(words)


class _Tracing:
    tracer: Any = None
    provider: Any = None


def _send_traces(service: str, endpoint: str) -> None:
    # Imported here: the SDK costs 15 MB that a process without an endpoint should not pay.
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"bookwith-{service}"}))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces"))
    )
    trace.set_tracer_provider(provider)
    _Tracing.provider = provider
    _Tracing.tracer = trace.get_tracer("bookwith")


def flush_traces() -> None:
    """Send what is still here, before the process ends."""
    if _Tracing.provider is not None:
        _Tracing.provider.force_flush(5_000)


@contextmanager
def span(name: str, traceparent: str | None = None) -> Iterator[str | None]:
    """Trace the work inside; yield the traceparent to hand on, None when traces are off."""
    if _Tracing.tracer is None:
        yield traceparent
        return
    from opentelemetry.propagate import extract, inject  # noqa: PLC0415 -- see _send_traces

    parent = extract({"traceparent": traceparent}) if traceparent else None
    with _Tracing.tracer.start_as_current_span(name, context=parent):
        carrier: dict[str, str] = {}
        inject(carrier)
        yield carrier.get("traceparent")

"""Each table of a service is rebuilt from its log, or it is said why it is not."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.events.rebuild import ReadModels
from services.chassis.events.streams import AnyCategory, Category
from services.chassis.postgres.tables import (
    BUDGETS,
    EVENT_STORE,
    IDEMPOTENCY,
    INBOX,
    OUTBOX,
    TIMERS,
)

SERVICES = sorted(
    path.parent.name for path in (Path(__file__).parents[2] / "services").glob("*/migrations")
)
# Sources themselves: the log, what waits, what was done.
CHASSIS = {table.name for table in (*EVENT_STORE, *OUTBOX, *INBOX, *TIMERS, *IDEMPOTENCY, *BUDGETS)}


def models_of(service: str) -> ReadModels:
    found: ReadModels = importlib.import_module(f"services.{service}.read_models").MODELS
    return found


def categories(service: str) -> Iterator[AnyCategory]:
    package = importlib.import_module(f"services.{service}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if "migrations" in module.name or module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Category):
                yield value


@pytest.mark.parametrize("service", SERVICES)
def test_each_table_is_rebuilt_or_it_is_said_why_not(service: str) -> None:
    models = models_of(service)
    declared = [table.name for table in (*models.rebuilt, *models.from_topics, *models.kept)]

    assert sorted({*models.metadata.tables} - CHASSIS) == sorted(declared)


@pytest.mark.parametrize("service", SERVICES)
def test_each_kind_of_stream_is_read_by_a_rebuild(service: str) -> None:
    names = {category.name for category in categories(service)}

    assert names == {category.name for category in models_of(service).categories}

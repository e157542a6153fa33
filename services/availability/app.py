"""Availability's composition root: the one place that constructs."""

from services.availability.api import REFUSALS, Parts, routes
from services.availability.consumers import SUBSCRIPTIONS
from services.availability.settings import AvailabilitySettings
from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process


def build(settings: AvailabilitySettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    service = Service("availability", settings)
    return service.process(
        roles=roles,
        routers=[routes],
        parts=Parts(
            database=service.database, keys=service.keys, authenticator=service.authenticator
        ),
        refusals=REFUSALS,
        subscriptions=SUBSCRIPTIONS,
    )

"""Availability's composition root: the one place that constructs."""

from contracts.capabilities import ORGANIZER_HEADER
from services.availability import api
from services.availability.calendars import api as calendars_api
from services.availability.calendars.port import Adapters
from services.availability.calendars.sealing import Sealed
from services.availability.calendars.sync import CALENDARS, CalendarContext, Sync
from services.availability.consumers import SUBSCRIPTIONS
from services.availability.parts import Parts
from services.availability.settings import AvailabilitySettings
from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process


def build(
    settings: AvailabilitySettings, roles: frozenset[str], adapters: Adapters | None = None
) -> Process:
    """Assemble the process; tests bring adapters of their own."""
    service = Service("availability", settings, channels=(CALENDARS,))
    calendars = CalendarContext(
        database=service.database,
        signals=service.signals,
        sealed=Sealed(service.keys),
        adapters=adapters or {},
        notify_relay=service.notify_relay,
        seconds=settings.calendar_seconds,
        fresh_seconds=settings.calendar_fresh_seconds,
    )
    return service.process(
        roles=roles,
        routers=[api.routes, calendars_api.routes],
        parts=Parts(
            database=service.database,
            keys=service.keys,
            authenticator=service.authenticator,
            calendars=calendars,
        ),
        refusals={**api.REFUSALS, **calendars_api.REFUSALS},
        subscriptions=SUBSCRIPTIONS,
        workers=[Sync(calendars).run],
        token_headers=(ORGANIZER_HEADER,),
    )

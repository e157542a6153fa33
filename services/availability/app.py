"""Availability's composition root: the one place that constructs."""

from contracts.capabilities import ORGANIZER_HEADER
from services.availability import api
from services.availability.calendars import api as calendars_api
from services.availability.calendars.caldav.finder import CalDavFinder
from services.availability.calendars.caldav.reader import CalDavReader
from services.availability.calendars.entries.reader import EntryReader
from services.availability.calendars.feed.reader import FeedReader
from services.availability.calendars.port import Adapter, Adapters
from services.availability.calendars.sealing import Sealed
from services.availability.calendars.sync import CalendarContext, Sync
from services.availability.consumers import SUBSCRIPTIONS
from services.availability.parts import Parts
from services.availability.settings import AvailabilitySettings
from services.chassis.http.networks import networks
from services.chassis.http.outgoing import Outgoing
from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process

# An answer of a server, which has so long for all of it.
READ_SECONDS, LARGEST = 20.0, 20 * 1024 * 1024


def build(
    settings: AvailabilitySettings, roles: frozenset[str], adapters: Adapters | None = None
) -> Process:
    """Assemble the process; tests bring adapters of their own."""
    service = Service("availability", settings)
    entries = EntryReader()
    calendars = CalendarContext(
        database=service.database,
        sealed=Sealed(service.keys),
        adapters=_adapters(settings, entries) if adapters is None else adapters,
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
        close=[entries.close],
        token_headers=(ORGANIZER_HEADER,),
    )


def _adapters(settings: AvailabilitySettings, entries: EntryReader) -> Adapters:
    """Return what reads and writes calendars, by their kind."""
    outgoing = Outgoing(
        networks(settings.calendar_allowed_networks), seconds=READ_SECONDS, largest=LARGEST
    )
    return {
        "icalendar_feed": Adapter(reader=FeedReader(outgoing, entries)),
        "caldav": Adapter(
            reader=CalDavReader(outgoing, entries),
            finder=CalDavFinder(outgoing),
        ),
    }

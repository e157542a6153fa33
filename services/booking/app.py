"""Booking's composition root: the one place that constructs."""

from contracts.capabilities import MANAGE, PRIVATE_LINK
from services.booking.consumers import SUBSCRIPTIONS
from services.booking.free_times import FreeTimesClient
from services.booking.http import bookings, links, organizer, public
from services.booking.http.parts import Parts
from services.booking.http.problems import REFUSALS
from services.booking.settings import BookingSettings
from services.booking.tables import VERDICTS
from services.booking.timers import TIMERS
from services.booking.tokens import Tokens
from services.booking.web.attendee import choosing as pages
from services.booking.web.attendee.forms import Forms
from services.booking.web.attendee.problems import ProblemPages
from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process


def build(settings: BookingSettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    service = Service("booking", settings, channels=(VERDICTS,))
    free_times = FreeTimesClient(settings.availability_url)
    parts = Parts(
        database=service.database,
        signals=service.signals,
        authenticator=service.authenticator,
        tokens=Tokens(service.keys, settings.public_url),
        forms=Forms(service.keys),
        free_times=free_times,
        settings=settings,
        told=service.notify_relay,
    )
    process = service.process(
        roles=roles,
        routers=[
            bookings.router(parts),
            organizer.router(parts),
            links.router(parts),
            public.router(parts),
            pages.router(parts),
        ],
        refusals=REFUSALS,
        subscriptions=SUBSCRIPTIONS,
        wakes=(VERDICTS,),
        timers=TIMERS,
        close=[free_times.close],
        token_headers=(MANAGE.header, PRIVATE_LINK.header),
    )
    if process.app is not None:
        process.app = ProblemPages(process.app)
    return process

"""Booking's composition root: the one place that constructs."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from fastapi import APIRouter

from contracts.capabilities import HELD_DATA, MANAGE, PRIVATE_LINK, VERIFY
from services.booking.attendees import api as attendees_api
from services.booking.bookings import api as bookings_api
from services.booking.bookings.alternatives import Alternatives
from services.booking.bookings.answer_commands import AnswerCommands
from services.booking.bookings.booking_commands import BookingCommands
from services.booking.bookings.reader import BookingReader
from services.booking.budgets import budgets_of, costs_of_a_write, mark_in
from services.booking.callers import Callers
from services.booking.consumers import SUBSCRIPTIONS
from services.booking.explanations import ExplanationClient
from services.booking.free_times import FreeTimesClient
from services.booking.history import api as history_api
from services.booking.mails import MailClient
from services.booking.me import api as me_api
from services.booking.meeting_types import api as meeting_types_api
from services.booking.offers import api as offers_api
from services.booking.page import api as page_api
from services.booking.parts import Parts
from services.booking.private_links import api as private_links_api
from services.booking.problems import REFUSALS
from services.booking.public import api as public_api
from services.booking.public.offerings import OfferingReader
from services.booking.settings import BookingSettings
from services.booking.sign_in import OrganizerSignIn
from services.booking.store import UNIQUE_NAMES
from services.booking.timers import timers_of
from services.booking.tokens import Tokens
from services.booking.waiting import ANSWERS, Waiting
from services.booking.web import styleguide
from services.booking.web.attendee import booking, change, choose, embed, hold, home, me, verify
from services.booking.web.attendee.framed_problems import frame_origins_of
from services.booking.web.attendee.problems import problem_pages
from services.booking.web.forms import Forms
from services.booking.web.organizer.desk import HOME
from services.booking.web.organizer.routers import ROUTERS as ORGANIZER_ROUTERS
from services.booking.web.sign_in import show_notice
from services.chassis.events.transactions import Transactions
from services.chassis.http.budgets.entrance import Entrance
from services.chassis.http.budgets.networks import TrustedProxies, networks_in
from services.chassis.http.public_path import at_public_path
from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process
from services.chassis.sign_in.cookies import SetCookies
from services.chassis.sign_in.gate import Gate
from services.chassis.sign_in.setup import sign_in_of
from services.chassis.web import asset_routes
from services.chassis.web.assets import use_brand

ROUTERS = (
    bookings_api.routes,
    page_api.routes,
    meeting_types_api.routes,
    private_links_api.routes,
    offers_api.routes,
    public_api.routes,
    history_api.routes,
    me_api.routes,
    attendees_api.routes,
    asset_routes.routes,
    choose.routes,
    embed.routes,
    hold.routes,
    change.routes,
    booking.routes,
    verify.routes,
    *ORGANIZER_ROUTERS,
    home.routes,
    me.routes,
)


def build(settings: BookingSettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    use_brand(settings.brand)
    service = Service("booking", settings, channels=(ANSWERS,))
    sign_in = sign_in_of(settings, service.keys, service.provider, show_notice, home=HOME)
    entrance = _entrance(service, settings, sign_in.gate)
    parts = _parts(service, settings, sign_in.gate, entrance)
    process = service.process(
        roles=roles,
        routers=(*ROUTERS, *_for_developers(settings), sign_in.routes),
        parts=parts,
        refusals={**REFUSALS, **sign_in.answers},
        subscriptions=SUBSCRIPTIONS,
        wakes=(ANSWERS,),
        timers=timers_of(settings),
        close=_closing(parts),
        entrance=entrance,
        token_headers=(MANAGE.header, PRIVATE_LINK.header, VERIFY.header, HELD_DATA.header),
    )
    if process.app is not None:
        pages = problem_pages(SetCookies(process.app), partial(frame_origins_of, parts))
        process.app = at_public_path(pages, settings.own_url)
    return process


def _parts(service: Service, settings: BookingSettings, gate: Gate, entrance: Entrance) -> Parts:
    transactions = Transactions(service.database, service.notify_relay, UNIQUE_NAMES)
    reader = BookingReader(transactions)
    tokens = Tokens(service.keys, settings.public_url)
    free_times = FreeTimesClient(settings.availability_url)
    waiting = Waiting(service.signals, settings.verdict_wait_seconds)
    return Parts(
        settings=settings,
        callers=Callers(service.authenticator, tokens, transactions),
        transactions=transactions,
        bookings=BookingCommands(
            transactions=transactions,
            reader=reader,
            waiting=waiting,
            alternatives=Alternatives(free_times, tokens),
            tokens=tokens,
            hold=timedelta(seconds=settings.hold_seconds),
            prove_within=timedelta(seconds=settings.verification_seconds),
        ),
        answers=AnswerCommands(transactions, reader),
        offerings=OfferingReader(transactions),
        free_times=free_times,
        explanations=ExplanationClient(settings.availability_url),
        mails=MailClient(settings.notifier_url) if settings.notifier_url else None,
        waiting=waiting,
        tokens=tokens,
        forms=Forms(service.keys, settings.form_minimum_seconds),
        sign_in=OrganizerSignIn(gate),
        budgets=entrance.budgets,
    )


def _closing(parts: Parts) -> Sequence[Callable[[], Awaitable[None]]]:
    """Return what closes the connections to other services."""
    mails = (parts.mails.close,) if parts.mails else ()
    return (parts.free_times.close, parts.explanations.close, *mails)


def _for_developers(settings: BookingSettings) -> tuple[APIRouter, ...]:
    """Return what only the local stack serves: its pages are at an address of this machine."""
    is_local = urlsplit(settings.public_url).hostname in ("127.0.0.1", "localhost")
    return (styleguide.routes,) if is_local else ()


def _entrance(service: Service, settings: BookingSettings, gate: Gate) -> Entrance:
    return Entrance(
        budgets_of(settings),
        database=service.database,
        secret=service.keys.secret("budgets"),
        grace_seconds=settings.budget_grace_seconds,
        proxies=TrustedProxies(networks_in(settings.trusted_proxies)),
        costs=costs_of_a_write,
        mark=lambda request: mark_in(service.keys, request),
        has_session=gate.has_session,
    )

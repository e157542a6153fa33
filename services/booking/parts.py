"""The parts of booking that its routes use."""

from dataclasses import dataclass

from starlette.requests import Request

from services.booking.bookings.answer_commands import AnswerCommands
from services.booking.bookings.booking_commands import BookingCommands
from services.booking.callers import Callers
from services.booking.explanations import ExplanationClient
from services.booking.free_times import FreeTimesClient
from services.booking.mails import MailClient
from services.booking.public.offerings import OfferingReader
from services.booking.settings import BookingSettings
from services.booking.sign_in import OrganizerSignIn
from services.booking.tokens import Tokens
from services.booking.waiting import Waiting
from services.booking.web.forms import Forms
from services.chassis.events.transactions import Transactions
from services.chassis.http import parts
from services.chassis.http.budgets.spending import Budgets


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The services that a route can use: callers, queries, commands, tokens, forms, sign-in."""

    settings: BookingSettings
    callers: Callers
    transactions: Transactions
    bookings: BookingCommands
    answers: AnswerCommands
    offerings: OfferingReader
    free_times: FreeTimesClient
    explanations: ExplanationClient
    mails: MailClient | None
    waiting: Waiting
    tokens: Tokens
    forms: Forms
    sign_in: OrganizerSignIn
    budgets: Budgets


def parts_of(request: Request) -> Parts:
    """Return the parts that the request's routes were given."""
    return parts.parts_of(request, Parts)

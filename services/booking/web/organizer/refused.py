"""Why a command on a booking was refused, in the words of the organizer's pages."""

from collections.abc import Sequence

from services.booking.domain import booking, page
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    Refusal,
    RequestOver,
    SlotNotOffered,
    SlotTaken,
)
from services.booking.web.organizer.own_booking import OwnBooking
from services.booking.web.responses import Visit


def reasons_against_time(visit: Visit, refusal: Refusal) -> Sequence[str]:
    """Return the keys of the phrases that say why the time cannot be had."""
    match refusal:
        case SlotTaken():
            return ["refused.taken"]
        case SlotNotOffered(reasons=rules):
            keys = [f"refused.rule.{rule}" for rule in rules]
            known = [key for key in keys if key in visit.reader.language.phrases]
            return known or ["refused.not_offered"]
        case NotAvailable():
            return ["refused.off"]
        case _:
            return ["refused.not_offered"]


def refused_in_words(own: OwnBooking, refusal: Refusal) -> Sequence[str]:
    """Return the keys of the phrases for a refusal; `own` is the booking as it stands now."""
    match refusal:
        case RequestOver():
            return ["refused.request_over"]
        case SlotTaken() | SlotNotOffered():
            return reasons_against_time(own.desk.visit, refusal)
        case HoldOver():
            return ["refused.hold_over"]
        case NotAvailable():
            return ["refused.off"]
        case _ if not page.is_allowed(own.context.page.state):
            return ["refused.off"]
        case _ if isinstance(own.view.state, booking.Confirmed) and own.has_begun:
            return ["refused.begun"]
        case _:
            return [f"refused.now.{own.view.status}"]

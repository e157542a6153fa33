"""Booking's budgets: what visitors who have not signed in may reserve, change and have mailed.

| Budget | Its key | Spent by |
|---|---|---|
| `total`, `network` | all; the network | every write: API and forms |
| `address` | the mail address | a booking with an attendee, a confirmation, a request for data |
| `organizer` | the organizer | a reservation, and each change but a release |
| `link` | the private link | a reservation |
| `network_holds` | the network | a reservation |
| `visitor_holds` | the browser, else the network | a hold, given back when that ends early |
"""

from collections.abc import Sequence
from uuid import UUID

from starlette.requests import Request

from contracts.capabilities import Capability
from services.booking.settings import BookingSettings
from services.chassis.http.budgets.sizes import Budget, budget
from services.chassis.http.budgets.spending import Cost, Visitor, spend, visitor
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id

ALL: Cost = ("total", "all")
# The cookie that tells visitors of one network apart. It says no more than that a browser keeps it.
MARK = "bw_seen"
_MARK = Capability("bwf", "visitor")


def budgets_of(settings: BookingSettings) -> Sequence[Budget]:
    """Return the budgets that the settings say."""
    said = {
        "total": (settings.budget_total, "Too much is asked of this service at the moment."),
        "network": (settings.budget_network, "Your network has sent a lot in a short while."),
        "address": (settings.budget_address, "A lot was asked for this mail address lately."),
        "organizer": (settings.budget_organizer, "Many ask this organizer for times right now."),
        "link": (settings.budget_link, "Many times were reserved with this link lately."),
        "network_holds": (
            settings.budget_network_holds,
            "Many times were reserved from your network lately.",
        ),
        "visitor_holds": (
            settings.budget_visitor_holds,
            "You hold several times. Confirm one, or give one back.",
        ),
    }
    factor = settings.budget_factor
    return [budget(name, size, factor, refused) for name, (size, refused) in said.items()]


def costs_of_a_write(network: str) -> tuple[Cost, Cost]:
    """Return what everything that a visitor sends costs."""
    return ALL, ("network", network)


def organizer_cost(organizer_id: UUID) -> Cost:
    """Return what a visitor's dealing with the organizer costs."""
    return "organizer", str(organizer_id)


def spend_address(email: str) -> None:
    """Spend what a visitor has mailed to the address; raise `budget-exhausted`."""
    spend(("address", email.strip().casefold()))


def spend_organizer(organizer_id: UUID) -> None:
    """Spend what a visitor's change of a booking costs; raise `budget-exhausted`."""
    spend(organizer_cost(organizer_id))


def spend_reservation(organizer_id: UUID, link_id: UUID | None, *, replaces_hold: bool) -> None:
    """Spend what a visitor's reservation costs; raise `budget-exhausted`."""
    if (caller := visitor.get()) is not None:
        costs = [organizer_cost(organizer_id), ("network_holds", caller.network)]
        if link_id is not None:
            costs.append(("link", str(link_id)))
        if not replaces_hold:
            costs.append(_hold_of(caller))
        caller.spend(*costs)


def give_hold_back() -> None:
    """Note that a hold of the visitor's has ended ahead of its time."""
    if (caller := visitor.get()) is not None:
        caller.give_back(_hold_of(caller))


def forget_hold() -> None:
    """Note that the hold that this request has paid for was not made."""
    if (caller := visitor.get()) is not None and caller.has_spent(_hold_of(caller)):
        caller.give_back(_hold_of(caller))


def fresh_mark(keys: KeyRing) -> str:
    """Return a mark for a browser that has none."""
    return keys.issue(_MARK, new_id())


def mark_in(keys: KeyRing, request: Request) -> str | None:
    """Return the visitor whom the browser's mark names; one that is not genuine names nobody."""
    grant = keys.read(_MARK, request.cookies.get(MARK, ""))
    return str(grant.id) if grant else None


def _hold_of(caller: Visitor) -> Cost:
    return "visitor_holds", caller.mark or caller.network

"""The capability tokens that several services read: what each opens, and how it looks outside."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Capability:
    """What a token opens: its prefix on the outside, its name under the signature.

    `header` is the request header that shows it, if there is one.
    """

    prefix: str
    name: str
    header: str = ""


MANAGE = Capability("bwm", "manage", "X-Manage-Token")
"""Opens one booking: see, confirm, move, cancel it."""

PRIVATE_LINK = Capability("bwl", "private-link", "X-Link-Token")
"""Opens the private meeting type behind one link."""

VERIFY = Capability("bwv", "verify-address", "X-Verify-Token")
"""Proves that the address to which it was mailed is that of a booking's attendee."""

HELD_DATA = Capability("bwd", "held-data", "X-Me-Token")
"""Shows an attendee what is held about them, and erases it; mailed to their own address."""

PAGE_EMAIL = Capability("bwe", "page-email")
"""Proves another mail address for an organizer's page, to that organizer; it is mailed there."""

ORGANIZER_HEADER = "X-Organizer-Token"
"""Shows the token with which a service asks another in the name of a signed-in organizer."""

ORGANIZER_SECONDS = 60
"""How long such a token is good for, at least; at most twice as long."""


def organizer_at(moment: datetime, periods_ago: int = 0) -> Capability:
    """Return what opens an organizer's own things in the period of the moment, or one before.

    The period is under the signature, so that a token ends with it: nothing has to be revoked.
    """
    period = int(moment.timestamp()) // ORGANIZER_SECONDS - periods_ago
    return Capability("bwo", f"organizer-{period}", ORGANIZER_HEADER)


def organizers_at(moment: datetime) -> tuple[Capability, ...]:
    """Return what may open an organizer's own things at the moment, the likeliest first.

    The next period's is among them: the clocks of two computers differ a little.
    """
    return tuple(organizer_at(moment, ago) for ago in (0, 1, -1))

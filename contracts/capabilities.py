"""The capability tokens that several services read: what each opens, and how it looks outside."""

from dataclasses import dataclass


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

OWN_TYPE = Capability("bwt", "own-type", "X-Type-Token")
"""Shows the times of one meeting type, whoever may book it, to booking for its organizer.

It goes from service to service only: nobody is handed one.
"""

HELD_DATA = Capability("bwd", "held-data", "X-Me-Token")
"""Shows an attendee what is held about them, and erases it; mailed to their own address."""

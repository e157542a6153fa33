"""The capability tokens that several services read: what each opens, and how it looks outside."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capability:
    """What a token opens: its prefix on the outside, its name under the signature."""

    prefix: str
    name: str


MANAGE = Capability("bwm", "manage")
"""Opens one booking: see, confirm, move, cancel it."""

PRIVATE_LINK = Capability("bwl", "private-link")
"""Opens the private meeting type behind one link."""

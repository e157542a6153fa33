"""What an organizer says about themselves, and the handle of their page."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.refusals import Fault
from services.booking.domain.text import (
    address_part_faults,
    email_faults,
    line_faults,
    locale_faults,
)

# Handles that would pass for the house itself.
RESERVED_HANDLES = frozenset(
    (
        "about",
        "abuse",
        "admin",
        "administrator",
        "api",
        "bookwith",
        "help",
        "info",
        "legal",
        "login",
        "me",
        "new",
        "ops",
        "operator",
        "organizer",
        "postmaster",
        "privacy",
        "root",
        "security",
        "settings",
        "status",
        "support",
        "system",
        "webmaster",
    )
)


LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the organizer says about themselves."""

    handle: str
    display_name: str
    email: str
    time_zone: str
    locale: str = "en"
    time_zone_locked: bool = False


def fresh_handle(handle: str, minted: UUID) -> str:
    """Return a new address made from the old one; nobody can guess its last part."""
    name, _, last = handle.rpartition("-")
    was_made = len(last) == 8 and all(letter in "0123456789abcdef" for letter in last)
    return f"{((was_made and name) or handle)[:55].rstrip('-')}-{minted.hex[-8:]}"


def handle_faults(handle: str) -> Iterator[Fault]:
    """Yield what is wrong with the handle; whether it is free is checked by the caller."""
    yield from address_part_faults("/handle", handle, RESERVED_HANDLES)


def profile_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what is wrong with the profile; whether the zone exists is checked by the caller."""
    yield from handle_faults(profile.handle)
    yield from line_faults("/display_name", profile.display_name, LONGEST_NAME)
    yield from email_faults("/email", profile.email)
    yield from line_faults("/time_zone", profile.time_zone, 64)
    yield from locale_faults("/locale", profile.locale)

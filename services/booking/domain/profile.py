"""What a page says about its organizer: who they are as they signed in, their zone and language."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.booking.domain.handle import handle_faults
from services.booking.domain.refusals import Fault, Invalid
from services.booking.domain.text import (
    email_faults,
    line_faults,
    locale_faults,
)

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who somebody is by their sign-in; an empty address is one that it does not name."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the page says about its organizer; name and address are those of their sign-in."""

    handle: str
    display_name: str
    email: str
    time_zone: str
    locale: str = "en"
    time_zone_locked: bool = False


def profile_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what is wrong with the profile; whether the zone exists is checked by the caller."""
    yield from handle_faults(profile.handle)
    yield from line_faults("/display_name", profile.display_name, LONGEST_NAME)
    yield from email_faults("/email", profile.email)
    yield from line_faults("/time_zone", profile.time_zone, 64)
    yield from locale_faults("/locale", profile.locale)


def proven_email(asked: str | None, signed_in: SignedIn, current: str | None) -> str:
    """Return the organizer's mail address: that of their sign-in; raise Invalid for another.

    It goes into invitations as the organizer's: nobody may write in somebody else's name.
    """
    proven = signed_in.email or current
    if not proven:
        raise Invalid.at(
            "/email",
            "Your sign-in names no mail address: the access token has no claim `email`. Ask your "
            "administrator to let the sign-in service put it into access tokens.",
        )
    if asked is not None and asked.casefold() != proven.casefold():
        raise Invalid.at(
            "/email",
            f"Must be the address of your sign-in, {proven}, or left out. "
            "Another one would have to be proven by mail, which is not possible yet.",
        )
    return proven

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
from services.chassis.text.mail_address import are_same

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who somebody is by their sign-in; an empty address is one that it does not name."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the page says about its organizer; the name is that of their sign-in.

    So is the address, unless it is `email_proven`: then a link that was mailed there has proven it.
    """

    handle: str
    display_name: str
    email: str
    time_zone: str
    locale: str = "en"
    time_zone_locked: bool = False
    email_proven: bool = False


def profile_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what is wrong with the profile; whether the zone exists is checked by the caller."""
    yield from handle_faults(profile.handle)
    yield from line_faults("/display_name", profile.display_name, LONGEST_NAME)
    yield from email_faults("/email", profile.email)
    yield from line_faults("/time_zone", profile.time_zone, 64)
    yield from locale_faults("/locale", profile.locale)


def proven_email(
    asked: str | None, signed_in: SignedIn, current: Profile | None
) -> tuple[str, bool]:
    """Return the organizer's mail address, and whether a mailed link has proven it.

    It is that of their sign-in, or one that they have proven, which stays until they ask for that
    of their sign-in. Raise Invalid for another. It goes into invitations as the organizer's:
    nobody may write in somebody else's name.
    """
    if current and current.email_proven and _is_same(asked, current.email):
        return current.email, True
    proven = signed_in.email or (current.email if current and not current.email_proven else "")
    if not proven:
        raise Invalid.at(
            "/email",
            "Your sign-in names no mail address: the access token has no claim `email`. Ask your "
            "administrator to let the sign-in service put it into access tokens.",
        )
    if not _is_same(asked, proven):
        raise Invalid.at(
            "/email",
            f"Must be the address of your sign-in, {proven}, or left out. Another one is proven by "
            "mail first: POST /api/booking/v1/page/email-request.",
        )
    return proven, False


def _is_same(asked: str | None, email: str) -> bool:
    return asked is None or are_same(asked, email)

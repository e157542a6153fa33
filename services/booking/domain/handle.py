"""The handle of a page: its part of the web address, which nobody may mistake for another's."""

from collections.abc import Iterator
from uuid import UUID

from services.booking.domain.refusals import Fault
from services.booking.domain.text import address_part_faults

LONGEST_FORWARDING_DAYS = 365
# Handles that would pass for the house itself, or for an office that people obey.
RESERVED_HANDLES = frozenset(
    [
        "about",
        "abuse",
        "account",
        "accounts",
        "admin",
        "administrator",
        "administration",
        "api",
        "app",
        "assets",
        "auth",
        "billing",
        "board",
        "boss",
        "book",
        "booking",
        "bookings",
        "bookwith",
        "calendar",
        "ceo",
        "cfo",
        "chairman",
        "chief",
        "ciso",
        "cio",
        "contact",
        "coo",
        "cto",
        "customer",
        "customers",
        "daemon",
        "demo",
        "developer",
        "director",
        "docs",
        "everyone",
        "everybody",
        "facilities",
        "finance",
        "ftp",
        "guest",
        "help",
        "helpdesk",
        "host",
        "hostmaster",
        "hr",
        "imap",
        "info",
        "it",
        "itsupport",
        "invoice",
        "jobs",
        "legal",
        "login",
        "logout",
        "mail",
        "mailer",
        "mailerdaemon",
        "manage",
        "management",
        "manager",
        "me",
        "media",
        "meeting",
        "meetings",
        "moderator",
        "news",
        "newsletter",
        "new",
        "nobody",
        "noc",
        "noreply",
        "notifications",
        "office",
        "official",
        "operator",
        "ops",
        "organization",
        "organizer",
        "owner",
        "page",
        "password",
        "payment",
        "payments",
        "payroll",
        "personnel",
        "phishing",
        "pop",
        "postmaster",
        "president",
        "press",
        "privacy",
        "public",
        "purchasing",
        "reception",
        "recruiting",
        "root",
        "sales",
        "scheduling",
        "secretary",
        "security",
        "service",
        "settings",
        "signin",
        "signout",
        "smtp",
        "staff",
        "status",
        "superuser",
        "support",
        "sysadmin",
        "system",
        "team",
        "test",
        "treasurer",
        "usenet",
        "user",
        "username",
        "users",
        "uucp",
        "vp",
        "webmail",
        "webmaster",
        "with",
        "www",
    ]
)
# Characters that are read as a letter. Letters of other alphabets cannot be in a handle at all.
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l"})
_SPOKEN = str.maketrans("0134578i", "oleastbl")


def look_of(handle: str) -> str:
    """Return what the handle looks like: two with the same look are told apart by nobody.

    The table of addresses computes the same in SQL.
    """
    return handle.translate(_ALIKE).replace("rn", "m").replace("vv", "w")


def handle_faults(handle: str) -> Iterator[Fault]:
    """Yield what is wrong with the handle; whether it is free is checked by the store."""
    yield from address_part_faults("/handle", handle)
    if _word(handle) in _RESERVED_WORDS:
        yield Fault(
            "/handle", f"{handle!r} is reserved, or reads like a name that is; choose another one."
        )


def fresh_handle(handle: str, minted: UUID) -> str:
    """Return a new address made from the old one; nobody can guess its last part."""
    name, _, last = handle.rpartition("-")
    was_made = len(last) == 8 and all(letter in "0123456789abcdef" for letter in last)
    return f"{((was_made and name) or handle)[:55].rstrip('-')}-{minted.hex[-8:]}"


def _word(handle: str) -> str:
    """Return the word that is read in the handle, whatever digits and hyphens stand in it.

    A number of its own is read as a number.
    """
    parts = (part if part.isdigit() else part.translate(_SPOKEN) for part in handle.split("-"))
    return look_of("".join(parts))


_RESERVED_WORDS = frozenset(map(_word, RESERVED_HANDLES))

"""Where a meeting takes place, and the address of an online one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.booking.domain.refusals import Fault
from services.booking.domain.text import line_faults

PLACEHOLDER = "{booking_id}"
_NUMBER = re.compile(r"\+?[0-9][0-9 ()/.-]{2,30}")
# Neither what ends an attribute or a line nor what hides: zero widths, direction marks.
_NOT = r"\s\x00-\x20\x7f\"'<>\\{}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_LABEL = "[^\\W_]([\\w-]*[^\\W_])?"
_URL = re.compile(rf"https://({_LABEL}\.)+[^\W\d_]({_LABEL})?(:[0-9]{{1,5}})?([/?#][^{_NOT}]*)?")


@dataclass(frozen=True, slots=True)
class InPerson:
    address: str
    kind: Literal["in_person"] = "in_person"


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` is the organizer's, to be called by the attendee."""

    who_calls: Literal["organizer", "attendee"]
    number: str | None = None
    kind: Literal["phone"] = "phone"


@dataclass(frozen=True, slots=True)
class Online:
    """`{booking_id}` in the template makes the address unique to each booking."""

    provider: Literal["teams", "jitsi", "url"]
    url_template: str | None = None
    kind: Literal["online"] = "online"


Location = InPerson | Phone | Online


def join_url(location: Location, booking_id: UUID) -> str | None:
    """Return the address at which the booking's meeting is joined, if it is online."""
    match location:
        case Online(url_template=str(template)):
            return template.replace(PLACEHOLDER, str(booking_id))
        case _:
            return None


def as_attendee_sees(location: Location, *, booked: bool) -> Location:
    """Return what an attendee may know: how to join or call only once it is booked.

    The organizer's number is told to attendees who call it, to no others.
    """
    match location:
        case Phone(who_calls="attendee", number=number) if booked:
            return Phone("attendee", number or None)
        case Phone(who_calls=who_calls):
            return Phone(who_calls)
        case Online(provider) if not booked:
            return Online(provider)
        case _:
            return location


def number_faults(pointer: str, text: str) -> Iterator[Fault]:
    """Yield what is wrong with a phone number."""
    if not _NUMBER.fullmatch(text):
        yield Fault(pointer, "Must be a phone number such as +45 12 34 56 78.")


def location_faults(location: Location, pointer: str = "/location") -> Iterator[Fault]:
    """Yield what is wrong with the location; the organizer's own number or place is needed."""
    match location:
        case InPerson(address):
            yield from line_faults(f"{pointer}/address", address, 300)
        case Phone(who_calls, number):
            needed = number is not None or who_calls == "attendee"
            if needed:
                yield from number_faults(f"{pointer}/number", number or "")
        case Online(provider, template):
            yield from template_faults(f"{pointer}/url_template", provider, template or "")


def template_faults(pointer: str, provider: str, template: str) -> Iterator[Fault]:
    """Yield what is wrong with the template of the addresses of online meetings."""
    url = template.replace(PLACEHOLDER, "0")
    if len(template) > 500 or not _URL.fullmatch(url):
        yield Fault(
            pointer,
            f"Must be an https address with its host, such as https://meet.example.org/{PLACEHOLDER};"
            f" nothing but {PLACEHOLDER} may stand in braces."
            + (" Bookwith cannot make Teams meetings yet." if provider == "teams" else ""),
        )
    elif provider == "jitsi" and PLACEHOLDER not in template:
        yield Fault(pointer, f"Must contain {PLACEHOLDER}, so that each booking has its own room.")

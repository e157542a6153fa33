"""What the organizer notes about a private link, and for whom it is: personal, and in no event.

It is kept apart from the events, so that it can be erased, and leaves the organizer's own views
nowhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.booking.domain.refusals import Fault, Invalid
from services.booking.domain.text import email_faults, line_faults
from services.chassis.text.mail_address import same_address

LONGEST_LABEL = 100
LONGEST_REFERENCE = 200
LONGEST_NAME = 200
MOST_ADDRESSEES = 20

NOT_ADDRESSED = "This link was sent to another address. Use the address that it was sent to."


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody who may book with the link; `time_zone` is theirs, as far as it is known."""

    name: str
    email: str
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDetails:
    """The organizer's notes: a label, the caller's own reference, the people it is for."""

    label: str = ""
    reference: str = ""
    addressees: tuple[Addressee, ...] = ()


NOTHING_NOTED = LinkDetails()


def detail_faults(details: LinkDetails) -> Iterator[Fault]:
    """Yield everything that is wrong with the notes and the addressees."""
    yield from line_faults("/label", details.label, LONGEST_LABEL, needed=False)
    yield from line_faults("/reference", details.reference, LONGEST_REFERENCE, needed=False)
    if len(details.addressees) > MOST_ADDRESSEES:
        yield Fault("/addressees", f"Must be at most {MOST_ADDRESSEES} people.")
    seen = set[str]()
    for place, each in enumerate(details.addressees):
        yield from line_faults(f"/addressees/{place}/name", each.name, LONGEST_NAME, needed=False)
        yield from email_faults(f"/addressees/{place}/email", each.email)
        if not seen.isdisjoint(same_address(each.email)):
            yield Fault(f"/addressees/{place}/email", "Must be named once.")
        seen.update(same_address(each.email))


def refuse_if_not_addressed(details: LinkDetails, email: str) -> None:
    """Raise Invalid unless the address is one of the addressees'; nobody's once all are erased."""
    known = {form for each in details.addressees for form in same_address(each.email)}
    if known.isdisjoint(same_address(email)):
        raise Invalid.at("/attendee/email", NOT_ADDRESSED)

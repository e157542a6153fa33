"""What the organizer notes about a private link, and for whom it is: personal, and in no event.

It is kept apart from the events, so that it can be erased, and leaves the organizer's own views
nowhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

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
    """Somebody who may book with the link; `time_zone` is theirs, as far as it is known.

    What is held about them is asked for and erased by `id`, which they get where they are stored.
    """

    name: str
    email: str
    time_zone: str | None = None
    id: UUID | None = field(default=None, compare=False)


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


def kept_ids(details: LinkDetails, before: LinkDetails) -> LinkDetails:
    """Return the notes in which who was an addressee before is the same person."""
    ids = {form: each.id for each in before.addressees for form in same_address(each.email)}
    return replace(
        details,
        addressees=tuple(
            replace(each, id=next(filter(None, map(ids.get, same_address(each.email))), None))
            for each in details.addressees
        ),
    )


def no_longer_addressed(details: LinkDetails, before: LinkDetails) -> frozenset[UUID]:
    """Return the ids of who is no addressee any more."""
    kept = {each.id for each in details.addressees}
    return frozenset(each.id for each in before.addressees if each.id and each.id not in kept)


def refuse_if_not_addressed(details: LinkDetails, email: str) -> None:
    """Raise Invalid unless the address is one of the addressees'; nobody's once all are erased."""
    known = {form for each in details.addressees for form in same_address(each.email)}
    if known.isdisjoint(same_address(email)):
        raise Invalid.at("/attendee/email", NOT_ADDRESSED)

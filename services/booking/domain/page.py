"""A booking page: one organizer's address in the world, and whether it is open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, assert_never
from uuid import UUID

from services.booking.domain.refusals import Fault, NotFound, StateConflict, refuse_if_any
from services.booking.domain.text import (
    address_part_faults,
    email_faults,
    line_faults,
    locale_faults,
)
from services.chassis.events.decider import Decider

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the organizer says about themselves."""

    handle: str
    display_name: str
    email: str
    time_zone: str
    locale: str = "en"
    time_zone_locked: bool = False


@dataclass(frozen=True, slots=True)
class CreatePage:
    organizer_id: UUID
    profile: Profile


@dataclass(frozen=True, slots=True)
class ChangePage:
    profile: Profile


@dataclass(frozen=True, slots=True)
class PublishPage:
    pass


@dataclass(frozen=True, slots=True)
class UnpublishPage:
    pass


@dataclass(frozen=True, slots=True)
class RenewAddress:
    handle: str


@dataclass(frozen=True, slots=True)
class AllowPage:
    pass


@dataclass(frozen=True, slots=True)
class DenyPage:
    rule: str


@dataclass(frozen=True, slots=True)
class PageCreated:
    organizer_id: UUID
    profile: Profile


@dataclass(frozen=True, slots=True)
class PageChanged:
    organizer_id: UUID
    profile: Profile


@dataclass(frozen=True, slots=True)
class PagePublished:
    pass


@dataclass(frozen=True, slots=True)
class PageUnpublished:
    pass


@dataclass(frozen=True, slots=True)
class PageAddressRenewed:
    handle: str


@dataclass(frozen=True, slots=True)
class PageAllowed:
    pass


@dataclass(frozen=True, slots=True)
class PageDenied:
    rule: str


@dataclass(frozen=True, slots=True)
class Access:
    """What the administrators' policy says; until it has spoken nothing is open."""

    verdict: Literal["undecided", "allowed", "denied"] = "undecided"
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The policy may speak of a person who has no page yet."""

    access: Access = Access()


@dataclass(frozen=True, slots=True)
class Page:
    organizer_id: UUID
    profile: Profile
    published: bool
    access: Access


Command = (
    CreatePage | ChangePage | PublishPage | UnpublishPage | RenewAddress | AllowPage | DenyPage
)
Event = (
    PageCreated
    | PageChanged
    | PagePublished
    | PageUnpublished
    | PageAddressRenewed
    | PageAllowed
    | PageDenied
)
State = Absent | Page


def decide(state: State, command: Command) -> list[Event]:  # noqa: C901 -- a row, a branch
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case _, AllowPage():
            return [] if state.access == Access("allowed") else [PageAllowed()]
        case _, DenyPage(rule):
            return [] if state.access == Access("denied", rule) else [PageDenied(rule)]
        case Absent(), CreatePage(organizer_id, profile):
            refuse_if_any(profile_faults(profile))
            return [PageCreated(organizer_id, profile)]
        case Absent(), _:
            raise NotFound("page")
        case Page(profile=old), CreatePage(profile=new) | ChangePage(profile=new) if new == old:
            return []  # asked again for what already is: nothing happens
        case Page(), CreatePage():
            raise StateConflict("You have a page already; change that one.")
        case Page(organizer_id), ChangePage(profile):
            refuse_if_any(profile_faults(profile))
            return [PageChanged(organizer_id, profile)]
        case Page(published=published), PublishPage():
            return [] if published else [PagePublished()]
        case Page(published=published), UnpublishPage():
            return [PageUnpublished()] if published else []
        case Page(profile=profile), RenewAddress(handle):
            refuse_if_any(address_part_faults("/handle", handle, RESERVED_HANDLES))
            return [] if handle == profile.handle else [PageAddressRenewed(handle)]
        case _:
            raise StateConflict("The page does not allow that.")


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    match event:
        case PageCreated(organizer_id, profile):
            return Page(organizer_id, profile, published=False, access=state.access)
        case PageChanged(_, profile):
            return replace(state, profile=profile) if isinstance(state, Page) else state
        case PageAddressRenewed(handle):
            return _at_address(state, handle)
        case PagePublished():
            return replace(state, published=True) if isinstance(state, Page) else state
        case PageUnpublished():
            return replace(state, published=False) if isinstance(state, Page) else state
        case PageAllowed():
            return replace(state, access=Access("allowed"))
        case PageDenied(rule):
            return replace(state, access=Access("denied", rule))
        case _:
            assert_never(event)


DECIDER: Decider[State, Command, Event] = Decider(Absent(), decide, evolve)


def is_allowed(state: State) -> bool:
    """Tell whether the policy lets this person have bookings; denied until it has spoken."""
    return state.access.verdict == "allowed"


def is_open(state: State) -> bool:
    """Tell whether visitors may see the page and book: it is there, published and allowed."""
    return isinstance(state, Page) and state.published and is_allowed(state)


def time_zone(state: State) -> str:
    """Return the organizer's zone; raise NotFound before there is a page."""
    if not isinstance(state, Page):
        raise NotFound("page")
    return state.profile.time_zone


def fresh_handle(handle: str, minted: UUID) -> str:
    """Return a new address made from the old one; nobody can guess its last part."""
    name, _, last = handle.rpartition("-")
    was_made = len(last) == 8 and all(letter in "0123456789abcdef" for letter in last)
    return f"{((was_made and name) or handle)[:55].rstrip('-')}-{minted.hex[-8:]}"


def profile_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what is wrong with the profile; whether the zone exists is the shell's to know."""
    yield from address_part_faults("/handle", profile.handle, RESERVED_HANDLES)
    yield from line_faults("/display_name", profile.display_name, 100)
    yield from email_faults("/email", profile.email)
    yield from line_faults("/time_zone", profile.time_zone, 64)
    yield from locale_faults("/locale", profile.locale)


def _at_address(state: State, handle: str) -> State:
    if isinstance(state, Absent):
        return state
    return replace(state, profile=replace(state.profile, handle=handle))

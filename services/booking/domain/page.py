"""A booking page: one organizer's address in the world, and whether it is open."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from services.booking.domain import page_email
from services.booking.domain.handle import handle_faults
from services.booking.domain.online_meeting import OnlineMeeting, online_meeting_faults
from services.booking.domain.page_email import (
    NO_REQUESTS,
    EmailRequests,
    EndEmailRequest,
    PageEmailRequested,
    PageEmailRequestEnded,
    ProveEmail,
    RequestEmail,
)
from services.booking.domain.profile import Profile, profile_faults
from services.booking.domain.refusals import PageMissing, StateConflict, refuse_if_any
from services.booking.domain.weekly_hours import (
    USUAL_HOURS,
    WeeklyHours,
    regular_hours_faults,
)
from services.chassis.events.decider import Decider


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
    """Until `forwards_until` the old address leads to the new one; without it it is dead."""

    handle: str
    forwards_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetOnlineMeeting:
    online_meeting: OnlineMeeting


@dataclass(frozen=True, slots=True)
class SetRegularHours:
    """The hours of all meeting types that have none of their own."""

    hours: WeeklyHours


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
    forwards_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageOnlineMeetingChanged:
    online_meeting: OnlineMeeting


@dataclass(frozen=True, slots=True)
class PageRegularHoursChanged:
    hours: WeeklyHours


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
    online_meeting: OnlineMeeting | None = None
    regular_hours: WeeklyHours = USUAL_HOURS
    email_requests: EmailRequests = NO_REQUESTS


Command = (
    CreatePage
    | ChangePage
    | PublishPage
    | UnpublishPage
    | RenewAddress
    | SetOnlineMeeting
    | SetRegularHours
    | AllowPage
    | DenyPage
    | RequestEmail
    | ProveEmail
    | EndEmailRequest
)
Event = (
    PageCreated
    | PageChanged
    | PagePublished
    | PageUnpublished
    | PageAddressRenewed
    | PageOnlineMeetingChanged
    | PageRegularHoursChanged
    | PageAllowed
    | PageDenied
    | PageEmailRequested
    | PageEmailRequestEnded
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
            raise PageMissing
        case Page(profile=old), CreatePage(profile=new) | ChangePage(profile=new) if new == old:
            return []  # asked again for what already is: nothing happens
        case Page(), CreatePage():
            raise StateConflict("You have a page already; change that one.")
        case Page(organizer_id, old), ChangePage(profile):
            # What an earlier version has taken stands in the way of no other change.
            stored = set(profile_faults(old))
            refuse_if_any(each for each in profile_faults(profile) if each not in stored)
            return [PageChanged(organizer_id, profile)]
        case Page(published=published), PublishPage():
            return [] if published else [PagePublished()]
        case Page(published=published), UnpublishPage():
            return [PageUnpublished()] if published else []
        case Page(profile=Profile(handle=old)), RenewAddress(handle=new) if new == old:
            return []
        case Page(), RenewAddress(handle, forwards_until):
            refuse_if_any(handle_faults(handle))
            return [PageAddressRenewed(handle, forwards_until)]
        case Page(online_meeting=online_meeting), SetOnlineMeeting(asked):
            refuse_if_any(online_meeting_faults(asked))
            return [] if asked == online_meeting else [PageOnlineMeetingChanged(asked)]
        case Page(regular_hours=hours), SetRegularHours(asked_hours):
            refuse_if_any(regular_hours_faults(asked_hours))
            return [] if asked_hours == hours else [PageRegularHoursChanged(asked_hours)]
        case Page(email_requests=requests), RequestEmail() as request:
            return [*page_email.request(requests, request)]
        case Page(organizer_id, profile, email_requests=requests), ProveEmail() as proof:
            proven = replace(profile, email=proof.email, email_proven=True)
            return [*page_email.prove(requests, proof), PageChanged(organizer_id, proven)]
        case Page(email_requests=requests), EndEmailRequest() as end:
            return [*page_email.end(requests, end)]
        case _:
            raise StateConflict("The page does not allow that.")


def evolve(state: State, event: Event) -> State:  # noqa: C901 -- a row, a branch
    """Return the state after the event; history is never refused."""
    match event:
        case PageCreated(organizer_id, profile):
            return Page(organizer_id, profile, published=False, access=state.access)
        case PageChanged(_, profile):
            return replace(state, profile=profile) if isinstance(state, Page) else state
        case PageAddressRenewed(handle):
            return _at_address(state, handle)
        case PageOnlineMeetingChanged(online_meeting):
            if isinstance(state, Absent):
                return state
            return replace(state, online_meeting=online_meeting)
        case PageRegularHoursChanged(hours):
            return replace(state, regular_hours=hours) if isinstance(state, Page) else state
        case PageEmailRequested() | PageEmailRequestEnded():
            if isinstance(state, Absent):
                return state
            return replace(state, email_requests=page_email.after(state.email_requests, event))
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
    """Return the organizer's zone; raise PageMissing before there is a page."""
    if not isinstance(state, Page):
        raise PageMissing
    return state.profile.time_zone


def _at_address(state: State, handle: str) -> State:
    if isinstance(state, Absent):
        return state
    return replace(state, profile=replace(state.profile, handle=handle))

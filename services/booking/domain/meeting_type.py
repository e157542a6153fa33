"""A meeting type: what an organizer offers, how long, where, when and to whom."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never
from uuid import UUID

from services.booking.domain.location import Location, location_faults
from services.booking.domain.refusals import Fault, NotFound, StateConflict, refuse_if_any
from services.booking.domain.slot import Notice
from services.booking.domain.text import address_part_faults, line_faults, paragraph_faults
from services.booking.domain.weekly_hours import (
    NO_HOURS,
    WeeklyHours,
    days,
    too_short_ranges,
    weekly_hours_faults,
)
from services.chassis.events.decider import Decider

DAY = 24 * 60
LONGEST_TITLE = 120
LONGEST_DESCRIPTION = 4000
NO_RANGES = "Custom hours need at least one range."
_SPELLED_OUT = {ord("æ"): "ae", ord("ø"): "oe", ord("å"): "aa", ord("ß"): "ss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the organizer decides about the type."""

    title: str
    slug: str
    duration_minutes: int
    increment_minutes: int
    location: Location
    description: str = ""
    visibility: Literal["public", "private"] = "public"
    hours: Literal["calendar", "custom"] = "calendar"
    weekly_hours: WeeklyHours = NO_HOURS
    min_lead_minutes: int = 120
    max_lead_minutes: int = 60 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMeetingType:
    organizer_id: UUID
    organizer_time_zone: str
    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMeetingType:
    organizer_time_zone: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class DeleteMeetingType:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingTypeCreated:
    organizer_id: UUID
    organizer_time_zone: str
    settings: Settings
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingTypeChanged:
    organizer_id: UUID
    organizer_time_zone: str
    settings: Settings
    revision: int


@dataclass(frozen=True, slots=True)
class MeetingTypeDeleted:
    pass


@dataclass(frozen=True, slots=True)
class Absent:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingType:
    organizer_id: UUID
    organizer_time_zone: str
    settings: Settings
    revision: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """Bookings made with the type stay, and are changed by its last rules."""

    last: MeetingType


Command = CreateMeetingType | ChangeMeetingType | DeleteMeetingType
Event = MeetingTypeCreated | MeetingTypeChanged | MeetingTypeDeleted
State = Absent | MeetingType | Deleted


def decide(state: State, command: Command) -> list[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case Absent(), CreateMeetingType() as create:
            refuse_if_any(settings_faults(create.settings))
            return [
                MeetingTypeCreated(
                    organizer_id=create.organizer_id,
                    organizer_time_zone=create.organizer_time_zone,
                    settings=create.settings,
                    revision=1,
                )
            ]
        case _, CreateMeetingType():
            raise StateConflict("This meeting type exists already.")
        case MeetingType(organizer_time_zone=zone, settings=settings), ChangeMeetingType(
            organizer_time_zone=new_zone, settings=new
        ) if (zone, settings) == (new_zone, new):
            return []  # asked again for what already is: nothing happens
        case MeetingType() as old, ChangeMeetingType() as change:
            # What an earlier version has taken stands in the way of no other change.
            stored = set(settings_faults(old.settings))
            refuse_if_any(each for each in settings_faults(change.settings) if each not in stored)
            return [
                MeetingTypeChanged(
                    organizer_id=old.organizer_id,
                    organizer_time_zone=change.organizer_time_zone,
                    settings=change.settings,
                    revision=old.revision + 1,
                )
            ]
        case MeetingType(), DeleteMeetingType():
            return [MeetingTypeDeleted()]
        case Deleted(), DeleteMeetingType():
            return []
        case _:
            raise NotFound("meeting type")


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    match event:
        case MeetingTypeCreated() | MeetingTypeChanged():
            return MeetingType(
                organizer_id=event.organizer_id,
                organizer_time_zone=event.organizer_time_zone,
                settings=event.settings,
                revision=event.revision,
            )
        case MeetingTypeDeleted():
            return Deleted(state) if isinstance(state, MeetingType) else state
        case _:
            assert_never(event)


DECIDER: Decider[State, Command, Event] = Decider(Absent(), decide, evolve)


def default_increment(duration_minutes: int) -> int:
    """Return the increment of a type that names none."""
    return min(30, duration_minutes)


def default_slug(title: str) -> str:
    """Return a readable slug for the title; `meeting` when nothing of it can be spelled."""
    plain = (
        unicodedata.normalize("NFKD", title.lower().translate(_SPELLED_OUT))
        .encode("ascii", "ignore")
        .decode()
    )
    slug = "-".join(re.findall("[a-z0-9]+", plain))[:64].strip("-")
    return slug if len(slug) >= 2 else "meeting"


def owned_by(state: State, organizer_id: UUID) -> MeetingType:
    """Return the organizer's type; raise NotFound for another's, a deleted one and none."""
    if isinstance(state, MeetingType) and state.organizer_id == organizer_id:
        return state
    raise NotFound("meeting type")


def last_settings(state: State) -> Settings:
    """Return the rules that bookings of the type follow: the last ones, if it is deleted."""
    match state:
        case MeetingType(settings=settings) | Deleted(MeetingType(settings=settings)):
            return settings
        case Absent():
            raise NotFound("meeting type")


def notice(settings: Settings) -> Notice:
    """Return what binds an attendee of this type; changes close with the minimum lead time."""
    return Notice(
        min_lead_minutes=settings.min_lead_minutes,
        max_lead_minutes=settings.max_lead_minutes,
        cutoff_minutes=settings.min_lead_minutes,
    )


def settings_warnings(settings: Settings) -> Iterator[Fault]:
    """Yield what may be so but is hardly meant: it is taken, and the organizer is told."""
    if settings.hours == "custom":
        yield from too_short_ranges(settings.weekly_hours, settings.duration_minutes)


def settings_faults(settings: Settings) -> Iterator[Fault]:
    """Yield everything that is wrong with the settings."""
    yield from line_faults("/title", settings.title, LONGEST_TITLE)
    yield from address_part_faults("/slug", settings.slug)
    yield from paragraph_faults("/description", settings.description, LONGEST_DESCRIPTION)
    yield from location_faults(settings.location)
    yield from duration_faults(settings.duration_minutes)
    yield from increment_faults(settings.increment_minutes)
    yield from shortest_lead_faults(settings.min_lead_minutes)
    yield from longest_lead_faults(settings.max_lead_minutes, settings.min_lead_minutes)
    yield from weekly_hours_faults(settings.weekly_hours)
    if settings.hours == "custom" and not any(ranges for _, ranges in days(settings.weekly_hours)):
        yield Fault("/weekly_hours", NO_RANGES)


def duration_faults(minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with the duration."""
    if not 5 <= minutes <= DAY:
        yield Fault("/duration_minutes", "Must be from 5 minutes to 24 hours (1440).")


def increment_faults(minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with the step from one start to the next."""
    if not 5 <= minutes <= 240:
        yield Fault("/increment_minutes", "Must be from 5 minutes to 4 hours (240).")


def shortest_lead_faults(minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with how soon a meeting may begin."""
    if minutes < 0:
        yield Fault("/min_lead_minutes", "Must not be negative.")


def longest_lead_faults(minutes: int, shortest: int = 0) -> Iterator[Fault]:
    """Yield what is wrong with how far ahead a meeting may begin."""
    if not DAY <= minutes <= 365 * DAY:
        yield Fault("/max_lead_minutes", "Must be from 1 day (1440) to 365 days (525600).")
    elif minutes - shortest < DAY:
        yield Fault("/max_lead_minutes", "Must exceed min_lead_minutes by at least a day (1440).")

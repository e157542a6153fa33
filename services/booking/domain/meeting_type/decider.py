"""A meeting type's life: which command is possible in which state, and what follows."""

from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from services.booking.domain.meeting_type.rules import settings_faults
from services.booking.domain.meeting_type.settings import Settings
from services.booking.domain.refusals import NotFound, StateConflict, refuse_if_any
from services.chassis.events.decider import Decider


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
    # The settings of the revisions before this one, from the first on.
    earlier: tuple[Settings, ...] = ()


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
            earlier = (*state.earlier, state.settings) if isinstance(state, MeetingType) else ()
            return MeetingType(
                organizer_id=event.organizer_id,
                organizer_time_zone=event.organizer_time_zone,
                settings=event.settings,
                revision=event.revision,
                earlier=earlier,
            )
        case MeetingTypeDeleted():
            return Deleted(state) if isinstance(state, MeetingType) else state
        case _:
            assert_never(event)


DECIDER: Decider[State, Command, Event] = Decider(Absent(), decide, evolve)


def owned_by(state: State, organizer_id: UUID) -> MeetingType:
    """Return the organizer's type; raise NotFound for another's, a deleted one and none."""
    if isinstance(state, MeetingType) and state.organizer_id == organizer_id:
        return state
    raise NotFound("meeting type")


def last_settings(state: State) -> Settings:
    """Return the rules that bookings of the type follow: the last ones, if it is deleted."""
    return _last(state).settings


def revision_of(state: State) -> int:
    """Return the newest revision of the type, the last one if it is deleted."""
    return _last(state).revision


def settings_at(state: State, revision: int | None) -> Settings:
    """Return the settings of that revision; None, of a hold of before it was noted, is the last."""
    last = _last(state)
    if revision is None or revision > len(last.earlier):
        return last.settings
    return last.earlier[revision - 1]


def _last(state: State) -> MeetingType:
    match state:
        case MeetingType():
            return state
        case Deleted(last):
            return last
        case Absent():
            raise NotFound("meeting type")

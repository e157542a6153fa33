"""The organizer's own meeting types, to choose one from; and one that an address names."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.callers import id_of
from services.booking.domain import page
from services.booking.domain.meeting_type import MeetingType, Settings, owned_by
from services.booking.domain.profile import Profile
from services.booking.domain.refusals import NotFound, PageMissing
from services.booking.free_times import Opening
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.meeting_types.views import MeetingTypeView, view_types
from services.booking.page.streams import PAGE
from services.booking.store import store
from services.booking.web.organizer.desk import Desk
from services.chassis.postgres.database import Connection
from services.chassis.web.clock import Clock
from services.chassis.web.plain_text import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCard:
    """A meeting type to choose, with a way for each of its durations."""

    title: str
    is_private: bool
    ways: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenType:
    """A type with one of its durations, on the organizer's clock."""

    id: UUID
    settings: Settings
    minutes: int
    profile: Profile
    clock: Clock
    is_allowed: bool

    @property
    def title(self) -> str:
        """Return the type's title on one line."""
        return one_line(self.settings.title, 120)

    def opening(self, desk: Desk) -> Opening:
        """Return what opens all of the organizer's own free times."""
        return Opening(
            meeting_type_id=self.id,
            organizer_token=desk.parts.tokens.organizer(desk.organizer.id),
            duration_minutes=self.minutes,
        )


async def own_types(desk: Desk) -> Sequence[MeetingTypeView]:
    """Return the types that the organizer offers now."""
    found = await desk.parts.transactions.read(lambda c: view_types(c, desk.organizer.id))
    return [view for view in found if view.meeting_type.settings.enabled]


def type_cards(
    desk: Desk, types: Sequence[MeetingTypeView], clock: Clock, path: str
) -> Sequence[TypeCard]:
    """Return a card for each type; its ways lead to the address under the path."""
    return [
        TypeCard(
            title=one_line(view.meeting_type.settings.title, 120),
            is_private=view.meeting_type.settings.visibility == "private",
            ways=[
                (desk.link(f"{path}/{view.id}/{minutes}"), clock.minutes(minutes))
                for minutes in view.meeting_type.settings.durations_minutes
            ],
        )
        for view in types
    ]


async def chosen_type(desk: Desk, type_id: str, minutes: str) -> ChosenType:
    """Return the organizer's type with the duration; raise NotFound for what is not theirs."""
    id_ = id_of(type_id, "meeting type")

    async def work(connection: Connection) -> tuple[MeetingType, page.Page]:
        type_, page_ = MEETING_TYPE.stream(id_), PAGE.stream(desk.organizer.id)
        loaded = await store.load(connection, type_, page_)
        owner = loaded.get(page_).state
        if not isinstance(owner, page.Page):
            raise PageMissing
        return owned_by(loaded.get(type_).state, desk.organizer.id), owner

    found, owner = await desk.parts.transactions.read(work)
    durations = {str(each): each for each in found.settings.durations_minutes}
    if minutes not in durations:
        raise NotFound("meeting type")
    return ChosenType(
        id=id_,
        settings=found.settings,
        minutes=durations[minutes],
        profile=owner.profile,
        clock=desk.visit.clock(owner.profile.time_zone, locked=True),
        is_allowed=page.is_allowed(owner),
    )

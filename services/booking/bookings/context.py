"""A booking with the streams that rules about it read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.bookings.records import BookingOwner, booking_owner
from services.booking.bookings.streams import BOOKING, BookingAggregate
from services.booking.domain import offers
from services.booking.domain.meeting_type import Settings, last_settings, notice
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Notice, Party
from services.booking.meeting_types.streams import MEETING_TYPE, MeetingTypeAggregate
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.booking.store import store
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingContext:
    """A booking, its organizer's page, its meeting type and link, all of one moment."""

    owner: BookingOwner
    booking: BookingAggregate
    page: PageAggregate
    meeting_type: MeetingTypeAggregate
    link: PrivateLinkAggregate | None
    now: datetime

    @property
    def key(self) -> str:
        """Return the key under which everything of the organizer is ordered."""
        return str(self.owner.organizer_id)

    @property
    def settings(self) -> Settings:
        """Return the rules that the booking follows: the type's last ones, if it is deleted."""
        return last_settings(self.meeting_type.state)

    @property
    def notice(self) -> Notice:
        """Return what binds an attendee."""
        return notice(self.settings)

    def may_move(self, by: Party) -> bool:
        """Tell whether that party may move the meeting, as far as the page is concerned."""
        return offers.may_move(self.page.state, by)

    @property
    def is_offered(self) -> bool:
        """Tell whether the organizer may be booked for this right now."""
        return offers.is_offered(self.meeting_type.state, self.page.state)


async def load_booking(connection: Connection, booking_id: UUID) -> BookingContext:
    """Return the booking with the streams that rules about it read; raise NotFound."""
    owner = await booking_owner(connection, booking_id)
    if owner is None:
        raise NotFound("booking")
    booking, page_ = BOOKING.stream(booking_id), PAGE.stream(owner.organizer_id)
    type_ = MEETING_TYPE.stream(owner.meeting_type_id)
    link = PRIVATE_LINK.stream(owner.link_id) if owner.link_id else None
    loaded = await store.load(connection, booking, page_, type_, link)
    return BookingContext(
        owner=owner,
        booking=loaded.get(booking),
        page=loaded.get(page_),
        meeting_type=loaded.get(type_),
        link=loaded.find(link),
        now=loaded.now,
    )

"""One booking of the signed-in organizer: to anybody else it is not there."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.booking.bookings.context import BookingContext, load_booking
from services.booking.bookings.views import BookingView, view_of
from services.booking.callers import id_of
from services.booking.domain import booking, page
from services.booking.domain.refusals import NotFound
from services.booking.free_times import Opening
from services.booking.web.attendee.meeting import MeetingWords, meeting_words
from services.booking.web.organizer.booking_lines import BOOKINGS, who
from services.booking.web.organizer.desk import Desk
from services.chassis.web.clock import Clock, clock_in


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """A visit of the organizer to one of their bookings; the clock is theirs."""

    desk: Desk
    context: BookingContext
    view: BookingView
    clock: Clock

    @property
    def id(self) -> UUID:
        """Return the booking's id."""
        return self.view.id

    @property
    def path(self) -> str:
        """Return the address of the booking's page."""
        return f"{BOOKINGS}/{self.id}"

    @property
    def who(self) -> str:
        """Return whose booking it is."""
        return who(self.view, self.desk)

    @property
    def when(self) -> str:
        """Return the booking's time in words."""
        return self.clock.when(self.view.slot.start, self.view.slot.end)

    @property
    def zone(self) -> str:
        """Return the organizer's zone, as it is when the meeting begins."""
        return self.clock.zone_at(self.view.slot.start)

    @property
    def when_for_attendee(self) -> str:
        """Return the time as the attendee has it; empty where it is the same."""
        attendee = self.view.attendee
        if attendee is None:
            return ""
        theirs = clock_in(self.clock.reader, attendee.time_zone)
        slot = self.view.slot
        same = slot.start.astimezone(theirs.zone).utcoffset() == (
            slot.start.astimezone(self.clock.zone).utcoffset()
        )
        return "" if same else theirs.when_with_zone(slot.start, slot.end)

    @property
    def has_begun(self) -> bool:
        """Tell whether the meeting's time has come."""
        return self.view.slot.start <= datetime.now(UTC)

    @property
    def meeting(self) -> MeetingWords:
        """Return what it is about and where, with how to join once it is booked."""
        booked = isinstance(self.view.state, booking.Confirmed)
        owner = self.context.page.state
        name = owner.profile.display_name if isinstance(owner, page.Page) else ""
        return meeting_words(
            self.clock.reader.language,
            title=self.view.title,
            organizer=name,
            location=self.view.location,
            booked=booked,
            join_url=self.view.join_url,
        )

    def link(self, place: str = "", **query: str | None) -> str:
        """Return the address of a page of the booking."""
        return self.desk.link(f"{self.path}{place}", **query)

    def key(self, action: str) -> str:
        """Return the key of a form that does this to the booking."""
        return self.desk.key(f"{action}-{self.id}")

    def opening(self) -> Opening:
        """Return what opens the times to which the organizer may move the booking."""
        tokens = self.desk.parts.tokens
        return Opening(
            meeting_type_id=self.view.meeting_type_id,
            manage_token=tokens.manage(self.id),
            rescheduling=self.id,
            organizer_token=tokens.organizer(self.view.organizer_id),
        )


async def own_booking(desk: Desk, booking_id: str) -> OwnBooking:
    """Return the visit to the organizer's booking; raise NotFound for another's."""
    id_ = id_of(booking_id, "booking")
    context = await desk.parts.transactions.read(lambda c: load_booking(c, id_))
    view = view_of(context)
    if view.organizer_id != desk.organizer.id:
        raise NotFound("booking")
    clock = desk.visit.clock(view.organizer_time_zone, locked=True)
    return OwnBooking(desk, context, view, clock)

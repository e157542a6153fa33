"""A request for a page of one booking: the booking, its meeting type and page, the clock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import Request

from services.booking.bookings.views import BookingView
from services.booking.callers import id_of
from services.booking.domain import booking, meeting_type
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Notice, Slot, is_too_late, last_change
from services.booking.free_times import Opening
from services.booking.parts import Parts
from services.booking.public.offerings import OfferingContext, context_of_booking
from services.booking.web.attendee.meeting import MeetingWords, meeting_words
from services.booking.web.forms import MANAGE
from services.booking.web.responses import BY_ADDRESS, MINUTES, Visit, visit_of
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.plain_text import one_line
from services.chassis.web.zone_names import may_be_hidden


@dataclass(frozen=True, slots=True)
class BookingVisit:
    """An attendee's visit to their booking."""

    visit: Visit
    view: BookingView
    context: OfferingContext
    clock: Clock
    token: str

    @property
    def id(self) -> UUID:
        """Return the booking's id."""
        return self.view.id

    @property
    def path(self) -> str:
        """Return the booking's address; the browser holds what opens it."""
        return f"/m/booking/{self.id}"

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """Return who may show in a frame how it is booked; its other pages, nobody may."""
        settings = self.context.offering.settings
        is_public = self.view.link_id is None and settings.visibility == "public"
        return settings.frame_origins if is_public else ()

    @property
    def day(self) -> str:
        """Return the day of the booking on the visitor's clock, as addresses name it."""
        return day_of(self.view.slot.start, self.clock)

    @property
    def back_to_times(self) -> str | None:
        """Return the address of other times of the same meeting, around this one."""
        if self.way_back is None:
            return None
        return self.visit.link(self.way_back, day=self.day, **{MINUTES: self.other_minutes})

    @property
    def other_minutes(self) -> str | None:
        """Return how long it is, as addresses name it, where that is no default."""
        minutes = int((self.view.slot.end - self.view.slot.start).total_seconds()) // 60
        usual = self.context.offering.settings.duration_minutes
        return None if minutes == usual else str(minutes)

    @property
    def when(self) -> str:
        """Return the booking's time in words."""
        return self.clock.when(self.view.slot.start, self.view.slot.end)

    @property
    def zone(self) -> str:
        """Return the zone in words, as it is when the meeting begins.

        Where it may hide the visitor's own, the organizer's time stands beside it.
        """
        slot, profile, reader = self.view.slot, self.context.offering.profile, self.visit.reader
        zone, theirs = self.clock.zone_at(slot.start), clock_in(reader, profile.time_zone)
        if not may_be_hidden(self.clock.zone.key) or theirs.zone == self.clock.zone:
            return zone
        return reader.language.say(
            "zone.hidden",
            zone=zone,
            organizer=one_line(profile.display_name, 120),
            when=theirs.when_with_zone(slot.start, slot.end),
        )

    @property
    def theirs(self) -> str:
        """Return the organizer's time in words where their clock shows another one."""
        if may_be_hidden(self.clock.zone.key):
            return ""  # it stands beside the zone
        return self.theirs_at(self.view.slot)

    def theirs_at(self, slot: Slot) -> str:
        """Return a time on the organizer's clock, where that shows another one."""
        theirs = self.their_clock
        same = theirs.offset(slot.start) == self.clock.offset(slot.start)
        return "" if same else theirs.when_with_zone(slot.start, slot.end)

    @property
    def their_clock(self) -> Clock:
        """Return the organizer's clock, in the visitor's words."""
        return clock_in(self.visit.reader, self.context.offering.profile.time_zone)

    @property
    def last_change(self) -> datetime:
        """Return the last moment at which the attendee may change the booking."""
        if self.view.asked_to_move:
            return self.view.slot.start
        return last_change(self.view.slot, self._notice)

    @property
    def is_too_late(self) -> bool:
        """Tell whether the attendee may not change the booking any more."""
        if self.view.asked_to_move:
            return self.view.at >= self.view.slot.start
        return is_too_late(self.view.slot, self._notice, self.view.at)

    @property
    def way_back(self) -> str | None:
        """Return where another time of the same meeting can be chosen, if anywhere."""
        offering = self.context.offering
        if not self.context.is_bookable_again:
            return None
        if offering.settings.visibility == "public":
            return f"/with/{offering.profile.handle}/{offering.settings.slug}"
        return f"/p/link/{self.view.link_id}"

    @property
    def _notice(self) -> Notice:
        return meeting_type.notice(self.context.offering.settings)

    def meeting(self, *, booked: bool) -> MeetingWords:
        """Return the meeting as agreed, or as offered; how to join is shown once it is booked."""
        language, offering = self.visit.reader.language, self.context.offering
        match self.view.state:
            case (
                booking.Confirmed(meeting=meeting)
                | booking.Cancelled(meeting=meeting)
                | booking.Unverified(meeting=meeting)
                | booking.Requested(meeting=meeting)
                | booking.Declined(meeting=meeting)
            ):
                return meeting_words(
                    language,
                    title=meeting.terms.title,
                    organizer=meeting.terms.organizer.display_name,
                    location=meeting.terms.location,
                    booked=booked,
                    join_url=meeting.terms.join_url,
                )
            case _:
                return meeting_words(
                    language,
                    title=offering.settings.title,
                    organizer=offering.profile.display_name,
                    location=self.context.held.location,
                )

    def opening(self, parts: Parts) -> Opening:
        """Return what opens the times to which the booking may be moved."""
        return Opening(
            meeting_type_id=self.context.offering.id,
            manage_token=parts.tokens.manage(self.id),
            rescheduling=self.id,
        )


def day_of(instant: datetime, clock: Clock) -> str:
    """Return the day of the instant on the clock, as addresses name it."""
    return instant.astimezone(clock.zone).date().isoformat()


async def visit_booking(
    parts: Parts, request: Request, booking_id: str, language: str | None = None
) -> BookingVisit:
    """Return the booking to the browser that holds its token; to any other it is not there.

    The token is in the address where the browser keeps no cookies. A form may ask for the page in
    another language, so that what was typed into it stays.
    """
    id_ = id_of(booking_id, "booking")
    shown = (request.cookies.get(MANAGE, ""), request.query_params.get(BY_ADDRESS, ""))
    token = next((each for each in shown if parts.tokens.read_manage(each) == id_), None)
    if token is None:
        raise NotFound("booking")
    return await visit_of_booking(parts, request, id_, token, language)


async def visit_of_booking(
    parts: Parts, request: Request, id_: UUID, token: str, language: str | None = None
) -> BookingVisit:
    """Return the visit to a booking of somebody who has shown what opens it."""
    view = await parts.bookings.view(id_)
    revision = view.state.revision if isinstance(view.state, booking.Held) else None
    context = await parts.transactions.read(
        lambda c: context_of_booking(
            c, view.organizer_id, view.meeting_type_id, view.link_id, revision
        )
    )
    visit, profile = visit_of(request, language), context.offering.profile
    locked = profile.time_zone_locked
    zone = view.attendee.time_zone if view.attendee and not locked else profile.time_zone
    return BookingVisit(visit, view, context, visit.clock(zone, locked=locked), token)

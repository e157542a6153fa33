"""Refusals of a time, each with the nearest times that are free instead."""

from datetime import datetime

from services.booking.bookings.outcomes import TimeRefused
from services.booking.bookings.reservation import Reservation
from services.booking.bookings.views import BookingView
from services.booking.domain.refusals import Refusal, SlotNotOffered
from services.booking.free_times import FreeTimesClient, Opening
from services.booking.tokens import Tokens


class Alternatives:
    """Asks availability for the times nearest to a refused one, as its visitor may see them."""

    def __init__(self, free_times: FreeTimesClient, tokens: Tokens) -> None:
        self._free_times = free_times
        self._tokens = tokens

    async def to_reservation(self, refusal: Refusal, asked: Reservation) -> TimeRefused:
        """Return the refusal of a time that could not be held."""
        opening = Opening(
            meeting_type_id=asked.meeting_type_id,
            link_token=self._tokens.link(asked.link_id) if asked.link_id else None,
            duration_minutes=asked.duration_minutes,
        )
        return await self._nearest(refusal, opening, asked.start)

    async def to_held(self, refusal: Refusal, view: BookingView) -> TimeRefused:
        """Return the refusal of a booking's own time, which was asked for before."""
        opening = Opening(
            meeting_type_id=view.meeting_type_id,
            link_token=self._tokens.link(view.link_id) if view.link_id else None,
        )
        return await self._nearest(refusal, opening, view.slot.start)

    async def to_move(self, refusal: Refusal, view: BookingView, start: datetime) -> TimeRefused:
        """Return the refusal of another time for the booking."""
        opening = Opening(
            meeting_type_id=view.meeting_type_id,
            manage_token=self._tokens.manage(view.id),
            rescheduling=view.id,
        )
        return await self._nearest(refusal, opening, start)

    async def _nearest(self, refusal: Refusal, opening: Opening, start: datetime) -> TimeRefused:
        """Return the refusal with the nearest free times.

        None in a day or week that is full: availability may not have heard of its last booking.
        """
        full = refusal.full if isinstance(refusal, SlotNotOffered) else None
        return TimeRefused(refusal, await self._free_times.nearest(opening, start, full))

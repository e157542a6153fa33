"""Offers compared with the organizer's calendar: what can be offered, what is not free any more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.booking.domain.offer import OfferedTimesNotFree
from services.booking.domain.refusals import CalendarSilent, NotAvailable
from services.booking.domain.slot import Slot
from services.booking.free_times import FreeTimesClient, Opening
from services.booking.offers.commands import OfferRequest
from services.booking.offers.views import OfferView
from services.booking.tokens import Tokens

# As far as availability looks in one answer.
LONGEST_WINDOW = timedelta(days=61)


async def refuse_if_not_free(
    free_times: FreeTimesClient, tokens: Tokens, asked: OfferRequest, slots: Sequence[Slot]
) -> None:
    """Raise the refusal unless attendees could book each of the times.

    Raises:
        OfferedTimesNotFree: some are not free.
        NotAvailable: nothing of the organizer can be booked.
        CalendarSilent: availability does not answer.
    """
    opening = Opening(
        meeting_type_id=asked.meeting_type_id,
        organizer_token=tokens.organizer(asked.organizer_id),
        for_attendee=True,
        duration_minutes=asked.duration_minutes,
    )
    free = await _free(free_times, opening, [slot.start for slot in slots])
    if free is None:
        raise CalendarSilent
    if lost := [place for place, slot in enumerate(slots) if slot.start not in free]:
        nearest = await free_times.nearest(opening, slots[lost[0]].start)
        raise OfferedTimesNotFree(tuple(lost), nearest)


async def with_free_times(
    free_times: FreeTimesClient, tokens: Tokens, view: OfferView
) -> OfferView:
    """Return the offer as the calendar has it too; as it was without an answer in time."""
    starts = [each.slot.start for each in view.times if each.state in ("open", "held")]
    if not starts:
        return view
    opening = Opening(
        meeting_type_id=view.offer.meeting_type_id, link_token=tokens.link(view.offer.link_id)
    )
    try:
        free = await _free(free_times, opening, starts)
    except NotAvailable:
        return view
    if free is None:
        return view
    times = [
        replace(each, state="taken")
        if each.state == "open" and each.slot.start not in free
        else each
        for each in view.times
    ]
    return replace(view, times=tuple(times))


async def _free(
    free_times: FreeTimesClient, opening: Opening, starts: Iterable[datetime]
) -> set[datetime] | None:
    """Return the starts that are free around those; None without an answer in time."""
    free: set[datetime] = set()
    for first, last in _windows(starts):
        end = last + timedelta(minutes=1)
        found = await free_times.between(opening, first.isoformat(), end.isoformat())
        if found.closed:
            raise NotAvailable
        if not found.known:
            return None
        free.update(found.starts)
    return free


def _windows(starts: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Yield windows that hold all the starts: no longer than availability looks at once."""
    first = last = None
    for start in sorted(starts):
        if first is None or last is None:
            first = start
        elif start - first > LONGEST_WINDOW:
            yield first, last
            first = start
        last = start
    if first is not None and last is not None:
        yield first, last

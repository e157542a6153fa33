"""An offer compared with the organizer's calendar: what is not free any more is taken."""

from dataclasses import replace
from datetime import timedelta

from services.booking.free_times import FreeTimesClient, Opening
from services.booking.offers.views import OfferView
from services.booking.tokens import Tokens

# As far as availability looks in one answer.
LONGEST_WINDOW = timedelta(days=61)


async def with_free_times(
    free_times: FreeTimesClient, tokens: Tokens, view: OfferView
) -> OfferView:
    """Return the offer as the calendar has it too; as it was without an answer in time."""
    starts = [each.slot.start for each in view.times if each.state in ("open", "held")]
    if not starts or max(starts) - min(starts) > LONGEST_WINDOW:
        return view
    opening = Opening(
        meeting_type_id=view.offer.meeting_type_id, link_token=tokens.link(view.offer.link_id)
    )
    end = max(starts) + timedelta(minutes=1)
    found = await free_times.between(opening, min(starts).isoformat(), end.isoformat())
    if not found.known:
        return view
    lost = set(starts) - set(found.starts)
    times = [
        replace(each, state="taken") if each.slot.start in lost and each.state == "open" else each
        for each in view.times
    ]
    return replace(view, times=tuple(times))

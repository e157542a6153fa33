"""One instance of each event about offered times and holds that are extended."""

from datetime import timedelta
from typing import Any

from contracts import booking
from contracts.event import ContractEvent
from contracts.generators.sample_values import (
    BOOKING,
    HALF_AN_HOUR,
    LINK,
    MEETING_TYPE,
    MOVED,
    NOW,
    OFFER,
    ORGANIZER,
    START,
)
from contracts.values import Period


def offers() -> tuple[ContractEvent, ...]:
    """Return one instance of each."""
    offer: dict[str, Any] = {
        "organizer_id": ORGANIZER,
        "offer_id": OFFER,
        "meeting_type_id": MEETING_TYPE,
        "link_id": LINK,
    }
    times = tuple(Period(start=each, end=each + HALF_AN_HOUR) for each in (START, MOVED))
    return (
        booking.OfferMade(**offer, times=times, held=True, expires_at=NOW + timedelta(days=2)),
        booking.OfferWithdrawn(**offer),
        booking.HoldExtended(
            organizer_id=ORGANIZER,
            booking_id=BOOKING,
            start=START,
            end=START + HALF_AN_HOUR,
            expires_at=NOW + timedelta(minutes=9),
        ),
    )

"""Claiming a time in the model, and what may be asked for at all."""

from datetime import datetime, timedelta

from services.booking.domain.meeting_type import Settings
from services.booking.domain.slot import Party
from tests.integration.stateful.model import Model


def claimed(model: Model, start: datetime, minutes: int, besides: int | None) -> bool:
    """Tell whether nobody else has any part of the time; what is over in its way is written."""
    takers = model.takers(start, minutes, besides, live=False)
    over = takers - model.takers(start, minutes, besides)
    for number, _ in over:
        model.settle(number)
    return not takers or (bool(over) and claimed(model, start, minutes, besides))


def may_be_asked_for(model: Model, start: datetime, by: Party, settings: Settings) -> bool:
    """Tell whether the start is not past, and for an attendee not too soon nor too far ahead."""
    if start <= model.now or by == "organizer":
        return start > model.now
    soonest = model.now + timedelta(minutes=settings.min_lead_minutes)
    return soonest <= start < model.now + timedelta(minutes=settings.max_lead_minutes)

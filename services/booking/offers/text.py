"""An offer in words: what its organizer pastes into a mail, as text and as HTML.

In the organizer's language, who sends it, with the times in the zone of whom it is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from services.booking.offers.views import OfferView
from services.booking.web.wording import languages
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.plain_text import one_line
from services.chassis.web.readers import reader_by_locale

LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A time that can still be booked, with the address at which it is chosen."""

    start: datetime
    end: datetime
    url: str


def offer_text(view: OfferView, times: Sequence[TimeLine]) -> str:
    """Return the offer as text; without a time that can be booked it says so."""
    clock = _clock(view)
    lines = [f"- {clock.when_with_zone(each.start, each.end)}\n  {each.url}" for each in times]
    return "\n\n".join([_opening(view, clock, times), *lines, *_closing(view, clock, times)])


def offer_html(view: OfferView, times: Sequence[TimeLine]) -> str:
    """Return the offer as HTML; all that people typed is escaped."""
    clock = _clock(view)
    items = Markup("\n").join(
        Markup('<li><a href="{}">{}</a></li>').format(
            each.url, clock.when_with_zone(each.start, each.end)
        )
        for each in times
    )
    listed = [Markup("<ul>\n{}\n</ul>").format(items)] if times else []
    paragraphs = [Markup("<p>{}</p>").format(escape(each)) for each in _closing(view, clock, times)]
    opening = Markup("<p>{}</p>").format(_opening(view, clock, times))
    return str(Markup("\n").join([opening, *listed, *paragraphs]))


def _opening(view: OfferView, clock: Clock, times: Sequence[TimeLine]) -> str:
    slot = view.offer.slots[0]
    return clock.reader.language.say(
        "offer.opening" if times else "offer.over",
        organizer=one_line(view.profile.display_name, LONGEST_TITLE),
        title=one_line(view.title, LONGEST_TITLE),
        duration=clock.duration(slot.end - slot.start),
    )


def _closing(view: OfferView, clock: Clock, times: Sequence[TimeLine]) -> list[str]:
    if not times:
        return []
    key = "offer.held" if view.offer.held else "offer.until"
    return [clock.reader.language.say(key, until=clock.moment(view.offer.expires_at))]


def _clock(view: OfferView) -> Clock:
    reader = reader_by_locale(languages(), view.profile.locale)
    zone = view.addressee.time_zone if view.addressee else None
    return clock_in(reader, zone or view.profile.time_zone)

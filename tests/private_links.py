"""Private links in tests of the domain: one link's events, its deadline, its specification."""

from datetime import datetime, timedelta

from services.booking.domain import private_link
from services.booking.domain.private_link import LinkExpired, LinkUseConsumed, LinkUseTaken
from services.booking.domain.refusals import EndReason
from tests.builders import COFFEE_TYPE, FIRST_BOOKING, NOW, after, link_issued
from tests.specification import specification

LINK = private_link.DECIDER
given = specification(LINK)

INSTANT = timedelta(microseconds=1)
DEADLINE = after(days=90)
ISSUED = link_issued()
TAKEN = LinkUseTaken(FIRST_BOOKING)
CONSUMED = LinkUseConsumed(FIRST_BOOKING)


def ended(reason: EndReason, at: datetime = NOW) -> LinkExpired:
    """Return the end of the link for the reason."""
    return LinkExpired(meeting_type_id=COFFEE_TYPE, reason=reason, expired_at=at)

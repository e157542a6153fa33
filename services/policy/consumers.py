"""What policy does about booking's events: who has signed in and made a page is a known user."""

from contracts.booking import PageChanged, PageCreated
from contracts.envelope import Envelope
from contracts.topics import BOOKING_EVENTS
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection
from services.policy.commands import decide_new_user
from services.policy.directory.entries import Description
from services.policy.directory.records import describe


async def on_page_created(connection: Connection, event: PageCreated, _: Envelope) -> None:
    """Decide whether its organizer may have it, and keep who that is."""
    await decide_new_user(connection, event.organizer_id)
    await _describe(connection, event)


async def on_page_changed(connection: Connection, event: PageChanged, _: Envelope) -> None:
    """Keep who its organizer is now."""
    await _describe(connection, event)


async def _describe(connection: Connection, page: PageCreated | PageChanged) -> None:
    organizer = Description(
        id=page.organizer_id,
        source="sign_in",
        display_name=page.display_name or None,
        mail=page.email or None,
    )
    await describe(connection, [organizer])


SUBSCRIPTIONS = (
    Subscription(
        BOOKING_EVENTS, [on(PageCreated, on_page_created), on(PageChanged, on_page_changed)]
    ),
)

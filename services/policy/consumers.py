"""What policy does about booking's events: a new page makes a user known."""

from contracts.booking import PageCreated
from contracts.envelope import Envelope
from contracts.topics import BOOKING_EVENTS
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection
from services.policy.commands import decide_new_user


async def on_page_created(connection: Connection, event: PageCreated, _: Envelope) -> None:
    """Decide whether its organizer may have it."""
    await decide_new_user(connection, event.organizer_id)


SUBSCRIPTIONS = (Subscription(BOOKING_EVENTS, [on(PageCreated, on_page_created)]),)

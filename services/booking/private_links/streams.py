"""The stream of a private link."""

from services.booking.domain import private_link
from services.booking.private_links.publish import publish
from services.booking.private_links.records import project
from services.chassis.events.codec import Codec
from services.chassis.events.streams import Aggregate, Category, Stream

PRIVATE_LINK = Category(
    "private_link", private_link.DECIDER, Codec(private_link.Event), publish, project
)
PrivateLinkAggregate = Aggregate[private_link.State, private_link.Command, private_link.Event]
PrivateLinkStream = Stream[private_link.State, private_link.Command, private_link.Event]

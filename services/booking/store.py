"""Booking's event store: its streams, their events, the topic that they are published on."""

from contracts.topics import BOOKING_EVENTS
from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.projections import project
from services.booking.translate import translate
from services.booking.upcasters import UPCASTERS
from services.chassis.events.codec import Codec
from services.chassis.events.store import Category, EventStore

PAGE = Category("page", page.INITIAL, page.evolve)
MEETING_TYPE = Category("meeting_type", meeting_type.INITIAL, meeting_type.evolve)
PRIVATE_LINK = Category("private_link", private_link.INITIAL, private_link.evolve)
BOOKING = Category("booking", booking.INITIAL, booking.evolve)

CODEC = Codec(
    page.Event, meeting_type.Event, private_link.Event, booking.Event, upcasters=UPCASTERS
)

store = EventStore(BOOKING_EVENTS, CODEC, translate, project)

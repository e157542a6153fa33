"""The stream of a booking."""

from services.booking.bookings.projection import project
from services.booking.bookings.publish import publish
from services.booking.domain import booking
from services.chassis.events.codec import Codec
from services.chassis.events.streams import Aggregate, Category, Change, Stream

BOOKING = Category("booking", booking.DECIDER, Codec(booking.Event), publish, project)
BookingAggregate = Aggregate[booking.State, booking.Command, booking.Event]
BookingChange = Change[booking.State, booking.Command, booking.Event]
BookingStream = Stream[booking.State, booking.Command, booking.Event]

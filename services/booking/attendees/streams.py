"""The stream of what is held about an attendee: its id is the attendee's."""

from services.booking.attendees.projection import project
from services.booking.attendees.publish import publish
from services.booking.domain import held_data
from services.chassis.events.codec import Codec
from services.chassis.events.streams import Category

HELD_DATA = Category("held_data", held_data.DECIDER, Codec(held_data.Event), publish, project)

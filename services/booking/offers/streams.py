"""The stream of an offer."""

from services.booking.domain import offer
from services.booking.offers.publish import publish
from services.booking.offers.records import project
from services.chassis.events.codec import Codec
from services.chassis.events.streams import Category

OFFER = Category("offer", offer.DECIDER, Codec(offer.Event), publish, project)

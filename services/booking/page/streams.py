"""The stream of a page: its id is its organizer's."""

from services.booking.domain import page
from services.booking.page.publish import publish
from services.booking.page.records import project
from services.chassis.events.codec import Codec
from services.chassis.events.streams import Aggregate, Category, Change

PAGE = Category("page", page.DECIDER, Codec(page.Event), publish, project)
PageAggregate = Aggregate[page.State, page.Command, page.Event]
PageChange = Change[page.State, page.Command, page.Event]

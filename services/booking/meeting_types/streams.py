"""The stream of a meeting type."""

from services.booking.domain import meeting_type
from services.booking.meeting_types.publish import publish
from services.booking.meeting_types.records import project
from services.chassis.events.codec import Codec
from services.chassis.events.streams import Aggregate, Category, Stream

MEETING_TYPE = Category(
    "meeting_type", meeting_type.DECIDER, Codec(meeting_type.Event), publish, project
)
MeetingTypeAggregate = Aggregate[meeting_type.State, meeting_type.Command, meeting_type.Event]
MeetingTypeStream = Stream[meeting_type.State, meeting_type.Command, meeting_type.Event]

"""Shapes that several resources of the API take and give."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from services.booking.domain.location import InPerson, Location, Online, Phone
from services.chassis.web.zone_names import todays_name
from services.chassis.web.zones import is_zone

Text = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=500)]


def _known_zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError("must be an IANA time zone such as Europe/Copenhagen")
    return todays_name(name)


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""A time zone by any of its names; kept under today's."""


def _in_our_time(instant: datetime) -> datetime:
    if not 2000 <= instant.year < 2200:
        raise ValueError("must be an instant between 2000 and 2200")
    return instant.astimezone(UTC)


def _as_text(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError("must be an RFC 3339 instant such as 2027-01-11T09:00:00Z")  # noqa: TRY004 -- pydantic's way to refuse
    return value


# Without an offset it would be another instant in each zone; far out, adding to it overflows.
Instant = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_in_our_time)]


class Body(BaseModel):
    """A body whose unknown fields are refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Patch(Body):
    """A body of fields to change; what is left out stays."""

    EMPTIABLE: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _not_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in cls.EMPTIABLE:
            raise ValueError("must not be null; leave it out to keep what is there")
        return value


class InPersonBody(Body):
    """A place to go to."""

    kind: Literal["in_person"]
    address: Line


class PhoneBody(Body):
    """A call; `number` is the organizer's."""

    kind: Literal["phone"]
    who_calls: Literal["organizer", "attendee"]
    number: Line | None = None


class OnlineBody(Body):
    """A video meeting; `{booking_id}` in the template makes it unique to each booking."""

    kind: Literal["online"]
    provider: Literal["teams", "jitsi", "url"]
    url_template: Line


LocationBody = Annotated[InPersonBody | PhoneBody | OnlineBody, Field(discriminator="kind")]


class PhoneResponse(BaseModel):
    """A call; the number is the organizer's, told once it is booked and theirs to be called."""

    kind: Literal["phone"]
    who_calls: Literal["organizer", "attendee"]
    number: str | None


class OnlineResponse(BaseModel):
    """A video meeting; how it is joined is told once it is booked."""

    kind: Literal["online"]
    provider: Literal["teams", "jitsi", "url"]
    url_template: str | None


LocationResponse = Annotated[
    InPersonBody | PhoneResponse | OnlineResponse, Field(discriminator="kind")
]


def location_response(location: Location) -> InPersonBody | PhoneResponse | OnlineResponse:
    """Return the location as the API gives it."""
    match location:
        case InPerson(address):
            return InPersonBody(kind="in_person", address=address)
        case Phone(who_calls, number):
            return PhoneResponse(kind="phone", who_calls=who_calls, number=number or None)
        case Online(provider, url_template):
            return OnlineResponse(kind="online", provider=provider, url_template=url_template)


def location_of(body: LocationBody) -> Location:
    """Return the location that the body asks for."""
    match body:
        case InPersonBody():
            return InPerson(body.address)
        case PhoneBody():
            return Phone(body.who_calls, body.number)
        case OnlineBody():
            return Online(body.provider, body.url_template)

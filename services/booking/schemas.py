"""Shapes that several resources of the API take and give."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from services.booking.domain.location import (
    InPerson,
    Location,
    Online,
    Phone,
    location_faults,
)
from services.booking.domain.question import Question
from services.booking.domain.refusals import Fault
from services.booking.domain.text import (
    address_part_faults,
    email_faults,
    locale_faults,
)
from services.booking.domain.weekly_hours import Range, WeeklyHours
from services.chassis.http.faults import FieldFaults
from services.chassis.text.typed import trimmed
from services.chassis.web.catalogues import language_code, supported_languages
from services.chassis.web.zone_names import todays_name
from services.chassis.web.zones import is_zone

T = TypeVar("T")

# What is typed is a name, a title or a text of somebody: what cannot be seen is no part of it.
TRIMMED = AfterValidator(trimmed)


def ruled(rule: Callable[[T], Iterable[Fault]]) -> AfterValidator:
    """Return the check of a field by a rule of the domain, so that all faults are named at once.

    The rule's pointers begin at the body's field; a name that differs belongs to a field beside it.
    """

    def check(value: T, info: ValidationInfo) -> T:
        if faults := tuple(rule(value)):
            raise FieldFaults((_under(info.field_name or "", each), each.detail) for each in faults)
        return value

    return AfterValidator(check)


def _under(field: str, fault: Fault) -> str:
    name = f"/{field}"
    inside = fault.pointer == name or fault.pointer.startswith(f"{name}/")
    return fault.pointer.removeprefix(name) if inside else f"..{fault.pointer}"


def typed(rule: Callable[..., Iterable[Fault]], **bounds: Any) -> AfterValidator:
    """Return the check of a field by a rule of text, which is told where the text stands."""

    def check(value: str) -> str:
        if faults := tuple(rule("", value, **bounds)):
            raise FieldFaults((each.pointer, each.detail) for each in faults)
        return value

    return AfterValidator(check)


def _known_zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError("must be an IANA time zone such as Europe/Copenhagen")
    return todays_name(name)


def _supported(locale: str) -> str:
    languages = supported_languages()
    if language_code(locale) not in languages:
        raise ValueError(f"must be a language that there is: {', '.join(languages)}")
    return locale


MailAddress = Annotated[str, TRIMMED, typed(email_faults)]
AddressPart = Annotated[str, typed(address_part_faults)]
ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""A time zone by any of its names; kept under today's."""
Locale = Annotated[str, typed(locale_faults), AfterValidator(_supported)]


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


class WarningResponse(BaseModel):
    """Something that was taken, though it has hardly the effect that was meant."""

    pointer: str = Field(description="A JSON pointer to the field, as in the errors of a problem.")
    detail: str


class InPersonBody(Body):
    """A place to go to."""

    kind: Literal["in_person"]
    address: Annotated[str, TRIMMED]


class PhoneBody(Body):
    """A call; `number` is the organizer's."""

    kind: Literal["phone"]
    who_calls: Literal["organizer", "attendee"]
    number: Annotated[str, TRIMMED] | None = None


class OnlineBody(Body):
    """A video meeting; `{booking_id}` in the template makes it unique to each booking."""

    kind: Literal["online"]
    provider: Literal["teams", "jitsi", "url"]
    url_template: Annotated[str, TRIMMED]


AnyLocationBody = InPersonBody | PhoneBody | OnlineBody


class InPersonResponse(BaseModel):
    """A place to go to."""

    kind: Literal["in_person"]
    address: str


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


AnyLocationResponse = InPersonResponse | PhoneResponse | OnlineResponse
LocationResponse = Annotated[AnyLocationResponse, Field(discriminator="kind")]


def location_response(location: Location) -> AnyLocationResponse:
    """Return the location as the API gives it."""
    match location:
        case InPerson(address):
            return InPersonResponse(kind="in_person", address=address)
        case Phone(who_calls, number):
            return PhoneResponse(kind="phone", who_calls=who_calls, number=number or None)
        case Online(provider, url_template):
            return OnlineResponse(kind="online", provider=provider, url_template=url_template)


def location_of(body: AnyLocationBody) -> Location:
    """Return the location that the body asks for."""
    match body:
        case InPersonBody():
            return InPerson(body.address)
        case PhoneBody():
            return Phone(body.who_calls, body.number)
        case OnlineBody():
            return Online(body.provider, body.url_template)


LocationBody = Annotated[
    AnyLocationBody,
    Field(discriminator="kind"),
    ruled(lambda body: location_faults(location_of(body))),
]


class QuestionResponse(BaseModel):
    """A question to the attendee."""

    id: str
    label: str
    kind: Literal["text", "long_text", "choice", "checkbox", "phone"]
    required: bool
    choices: list[str]


def question_responses(questions: Iterable[Question]) -> list[QuestionResponse]:
    """Return the questions as the API gives them."""
    return [
        QuestionResponse(
            id=each.id,
            label=each.label,
            kind=each.kind,
            required=each.required,
            choices=list(each.choices),
        )
        for each in questions
    ]


class WeeklyHoursBody(Body):
    """Local ranges of each weekday; one that ends before it begins runs into the next day."""

    mon: tuple[Range, ...] = ()
    tue: tuple[Range, ...] = ()
    wed: tuple[Range, ...] = ()
    thu: tuple[Range, ...] = ()
    fri: tuple[Range, ...] = ()
    sat: tuple[Range, ...] = ()
    sun: tuple[Range, ...] = ()


def weekly_hours_of(body: WeeklyHoursBody) -> WeeklyHours:
    """Return the hours that the body asks for."""
    return WeeklyHours(**dict(body))

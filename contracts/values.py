"""Values that several events share: instants, ids, periods, places, people's public sides."""

from datetime import UTC
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from contracts.event import Value

Id = Annotated[UUID, Field(strict=False)]
"""A UUID; publishers may give it as a string, which is what it is on the wire."""

Instant = Annotated[AwareDatetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
"""An instant in UTC, on the wire RFC 3339 with `Z`."""

ZoneName = Annotated[str, Field(description="An IANA time zone name.", examples=["Europe/Oslo"])]
Locale = Annotated[str, Field(description="A BCP 47 language tag.", examples=["da", "en"])]
Clock = Annotated[
    str, Field(pattern=r"^\d{2}:\d{2}$", description="A local wall-clock time.", examples=["09:00"])
]

Party = Literal["attendee", "organizer"]
Purpose = Annotated[
    Literal["new", "reschedule"],
    Field(description="Whether the slot is for a new booking or for moving one."),
]
Rule = Annotated[
    str,
    Field(
        description="The rule that decided. New rules may come: treat one you do not know as any "
        "other reason.",
        examples=["ews_enabled"],
    ),
]


class Period(Value):
    """A stretch of time; its end belongs to what follows."""

    start: Instant
    end: Instant


class OrganizerContact(Value):
    """How an organizer appears to the people they meet."""

    display_name: str
    email: str
    time_zone: ZoneName


class InPerson(Value):
    """A place to go to."""

    kind: Literal["in_person"] = "in_person"
    address: str


class Phone(Value):
    """A call."""

    kind: Literal["phone"] = "phone"
    who_calls: Party
    number: str | None = Field(
        default=None,
        description="The number to call, where the organizer's is the one to be called.",
    )


class Online(Value):
    """A meeting by video; each booking has its own address, `join_url`."""

    kind: Literal["online"] = "online"
    provider: Literal["teams", "jitsi", "url"]
    url_template: str | None = None


Location = Annotated[InPerson | Phone | Online, Field(discriminator="kind")]


class Reason(Value):
    """Why a time is not offered."""

    rule: Rule
    detail: str = Field(description="The reason in words, for the organizer.")

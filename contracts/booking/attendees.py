"""Attendees: the one topic with their personal data, from which they can be erased."""

from typing import ClassVar

from pydantic import Field

from contracts.event import ContractEvent, Value
from contracts.topics import BOOKING_ATTENDEES
from contracts.values import Id, Locale, ZoneName


class OfAttendee(ContractEvent):
    """An event about one person: an attendee, or another recipient of mails. No other has names."""

    TOPIC: ClassVar[str] = BOOKING_ATTENDEES
    KEY: ClassVar[str] = "attendee_id"
    SUBJECT: ClassVar[str] = "attendee_id"

    attendee_id: Id


class Answer(Value):
    """What the attendee answered to one question of the meeting type."""

    question_id: str
    value: str | bool
    label: str | None = Field(default=None, description="The question as it was asked.")


class AttendeeRecorded(OfAttendee):
    """The attendee of a booking, whole: the newest record replaces the ones before."""

    TYPE = "io.bookwith.booking.AttendeeRecorded.v1"

    booking_id: Id
    organizer_id: Id
    name: str
    email: str
    time_zone: ZoneName
    locale: Locale
    answers: tuple[Answer, ...] = ()
    change_reason: str | None = Field(
        default=None, description="The words of whoever moved or cancelled the booking last."
    )
    ics_sequence: int | None = Field(
        default=None, description="The version of the booking with which the record was written."
    )
    version: int | None = Field(
        default=None,
        description="The `version` of the event with which the record was published.",
    )


class RecipientRecorded(OfAttendee):
    """Somebody who is mailed and has no booking: where, and in which zone and language.

    The newest one replaces the ones before; an erasure ends with AttendeeErased, as for attendees.
    """

    TYPE = "io.bookwith.booking.RecipientRecorded.v1"

    organizer_id: Id
    email: str
    time_zone: ZoneName
    locale: Locale


class AttendeeErased(OfAttendee):
    """The person is erased: a tombstone, whose value is null. Drop your copy."""

    TYPE = "io.bookwith.booking.AttendeeErased.v1"
    TOMBSTONE: ClassVar[bool] = True

"""What the notifier service publishes: what became of each mail. No address is ever in it."""

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.event import ContractEvent
from contracts.topics import NOTIFIER_EVENTS
from contracts.values import Id, Instant, Party

Cause = Annotated[
    str,
    Field(
        description="Why, as a word. New words may come.",
        examples=["connection", "temporary", "refused", "recipient_refused", "too_old"],
    ),
]


class OfMail(ContractEvent):
    """An event about one mail: one for each booking, version, recipient and kind."""

    TOPIC: ClassVar[str] = NOTIFIER_EVENTS
    KEY: ClassVar[str] = "organizer_id"
    SUBJECT: ClassVar[str] = "booking_id"

    booking_id: Id
    organizer_id: Id
    recipient: Party
    kind: Annotated[
        str,
        Field(
            description="Which letter. New kinds may come.",
            examples=[
                "confirmation",
                "change",
                "cancellation",
                "request",
                "verification",
                "your_data",
                "prove_address",
            ],
        ),
    ]
    ics_sequence: int = Field(description="The booking's version that the mail tells about.")
    message_id: str = Field(description="The mail's Message-ID, the same in every attempt.")
    attempt: int = Field(description="From 1.")


class MailSent(OfMail):
    """A mail server has accepted the mail."""

    TYPE = "io.bookwith.notifier.MailSent.v1"

    sent_at: Instant


class MailDelayed(OfMail):
    """An attempt has failed; there will be another."""

    TYPE = "io.bookwith.notifier.MailDelayed.v1"

    cause: Cause
    next_attempt_at: Instant


class MailFailed(OfMail):
    """The mail will not be sent: it was refused for good, or too many attempts have failed."""

    TYPE = "io.bookwith.notifier.MailFailed.v1"

    cause: Cause
    failed_at: Instant


class MailDataErased(ContractEvent):
    """The receipt of notifier: what it held about the attendee, and the mails to them, are erased.

    It answers booking's DataErased. Mails that were sent are not called back.
    """

    TYPE = "io.bookwith.notifier.MailDataErased.v1"
    TOPIC: ClassVar[str] = NOTIFIER_EVENTS
    KEY: ClassVar[str] = "organizer_id"
    SUBJECT: ClassVar[str] = "attendee_id"

    organizer_id: Id
    attendee_id: Id
    booking_id: Id | None = Field(default=None, description="Null for who has no booking.")
    erased_at: Instant

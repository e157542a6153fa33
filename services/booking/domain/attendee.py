"""The person who books: what they must say about themselves."""

from dataclasses import dataclass

from services.booking.domain.refusals import refuse_if_any
from services.booking.domain.text import email_faults, line_faults, locale_faults


@dataclass(frozen=True, slots=True)
class Attendee:
    """`time_zone` None is the organizer's; `answers` holds (question id, answer)."""

    name: str
    email: str
    time_zone: str | None
    locale: str
    answers: tuple[tuple[str, str | bool], ...] = ()


def refuse_if_faulty(attendee: Attendee) -> None:
    """Raise Invalid naming everything that is wrong."""
    refuse_if_any(
        (
            *line_faults("/attendee/name", attendee.name, 200),
            *email_faults("/attendee/email", attendee.email),
            *locale_faults("/attendee/locale", attendee.locale),
        )
    )

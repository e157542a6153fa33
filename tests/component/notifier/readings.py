"""What a test reads out of mails and deliveries."""

from email.message import EmailMessage
from typing import Any

from tests.component.notifier.journeys import Journey
from tests.component.notifier.workshop import Workshop


def sequences(mails: list[EmailMessage]) -> list[tuple[str, int]]:
    """Return METHOD and SEQUENCE of each mail's calendar part."""
    found = []
    for mail in mails:
        for part in _calendar_parts(mail):
            lines = _content(part).splitlines()
            sequence = next(line for line in lines if line.startswith("SEQUENCE:"))
            found.append((str(part.get_param("method")), int(sequence.partition(":")[2])))
    return found


def calendar_of(mail: EmailMessage) -> str:
    """Return the calendar part with its folded lines whole."""
    (part, *_) = _calendar_parts(mail)
    return _content(part).replace("\r\n ", "")


def _calendar_parts(mail: EmailMessage) -> list[Any]:
    return [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def _content(part: Any) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def causes_of_delay(workshop: Workshop, journey: Journey) -> list[str]:
    return [
        body["cause"]
        for event, body in await workshop.staged(journey.organizer_id)
        if event == "MailDelayed"
    ]


async def put_far_off(workshop: Workshop) -> None:
    """Let hours pass: by now nobody looks at a delayed letter for minutes."""
    await workshop.rows(
        "UPDATE deliveries SET next_attempt_at = clock_timestamp() + interval '4 minutes' "
        "WHERE state = 'retrying' RETURNING 1"
    )


async def all_in_state(workshop: Workshop, journey: Journey, state: str) -> bool:
    return set((await workshop.states(journey.booking_id)).values()) == {state}


async def state_is(workshop: Workshop, journey: Journey, recipient: str, state: str) -> bool:
    return (await workshop.states(journey.booking_id))[recipient, 0] == state

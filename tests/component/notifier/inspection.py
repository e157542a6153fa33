"""What a test reads out of mails and deliveries."""

from email.message import EmailMessage
from typing import Any

from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.notifier.direct_notifier import DirectNotifier
from tests.component.provider import Provider
from tests.component.running import Running

DELIVERIES = "/api/notifier/v1/deliveries"


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


async def causes_of_delay(direct_notifier: DirectNotifier, meeting: BookedMeeting) -> list[str]:
    return [
        body["cause"]
        for event, body in await direct_notifier.staged(meeting.organizer_id)
        if event == "MailDelayed"
    ]


async def delay_by_minutes(direct_notifier: DirectNotifier) -> None:
    """Make the next attempt of each delayed letter due in four minutes, as after hours."""
    await direct_notifier.rows(
        "UPDATE deliveries SET next_attempt_at = clock_timestamp() + interval '4 minutes' "
        "WHERE state = 'retrying' RETURNING 1"
    )


async def all_in_state(direct_notifier: DirectNotifier, meeting: BookedMeeting, state: str) -> bool:
    return set((await direct_notifier.states(meeting.booking_id)).values()) == {state}


async def state_is(
    direct_notifier: DirectNotifier, meeting: BookedMeeting, recipient: str, state: str
) -> bool:
    return (await direct_notifier.states(meeting.booking_id))[recipient, 0] == state


def signed_in(sign_in: Provider, name: str) -> dict[str, str]:
    roles = {"otto": "operator", "ada": "administrator"}
    return sign_in.signed_in(name, roles.get(name, "organizer"))


async def deliveries(
    notifier: Running, sign_in: Provider, meeting: BookedMeeting, name: str = "otto", **asked: Any
) -> list[dict[str, Any]]:
    answer = await notifier.http.get(
        DELIVERIES,
        params={"booking_id": str(meeting.booking_id), **asked},
        headers=signed_in(sign_in, name),
    )
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items

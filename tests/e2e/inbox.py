"""The mail inbox as its JSON shows it, with each mail taken apart."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx
from icalendar import Calendar


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it lies in the inbox."""

    to: tuple[str, ...]
    subject: str
    message_id: str
    raw: bytes
    message: EmailMessage

    @property
    def text(self) -> str:
        """Its plain words."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML."""
        return self._part("html")

    @property
    def calendar(self) -> Calendar:
        """Its calendar part."""
        return Calendar.from_ical(self._calendar_part().get_content())

    @property
    def content_method(self) -> str:
        """The method that the calendar part's content type names."""
        return str(self._calendar_part().get_param("method"))

    @property
    def method(self) -> str:
        """What the calendar part asks for."""
        return str(self.calendar["METHOD"])

    @property
    def uid(self) -> str:
        """The meeting's one id."""
        return str(self.calendar.events[0]["UID"])

    @property
    def sequence(self) -> int:
        """Which version of the meeting it tells about."""
        return int(self.calendar.events[0]["SEQUENCE"])

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        assert part is not None, f"{self.message_id} has no {subtype} part"
        return str(part.get_content())

    def _calendar_part(self) -> EmailMessage:
        for part in self.message.walk():
            if part.get_content_type() == "text/calendar":
                assert isinstance(part, EmailMessage)
                return part
        raise AssertionError(f"{self.message_id} has no text/calendar part")


async def read_inbox(http: httpx.AsyncClient, to: str | None = None) -> list[Mail]:
    """Return the mails, oldest first."""
    mails: list[Mail] = []
    query = {"to": to} if to else {}
    while True:
        page = (await http.get("/api/messages", params=query)).raise_for_status().json()
        for item in page["items"]:
            raw = (await http.get(f"/api/messages/{item['id']}/raw")).raise_for_status().content
            message = message_from_bytes(raw, policy=policy.default)
            assert isinstance(message, EmailMessage)
            mails.append(
                Mail(tuple(item["envelope_to"]), item["subject"], item["message_id"], raw, message)
            )
        if page["next_cursor"] is None:
            return mails
        query["cursor"] = page["next_cursor"]

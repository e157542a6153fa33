"""The mail inbox as its JSON shows it, with each mail taken apart."""

import asyncio
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

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
        return int(str(self.calendar.events[0]["SEQUENCE"]))

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


class Inbox:
    """Reads on from where it was: a mail that has come never changes."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._mails: list[Mail] = []
        self._cursor: str | None = None

    async def read(self) -> list[Mail]:
        """Return all mails, oldest first."""
        while True:
            query = {"cursor": self._cursor} if self._cursor else {}
            answer = (await self._http.get("/api/messages", params=query)).raise_for_status()
            items = answer.json()["items"]
            if not items:
                return list(self._mails)
            self._mails += await asyncio.gather(*(self._mail(item) for item in items))
            self._cursor = items[-1]["id"]

    async def to(self, address: str) -> list[Mail]:
        """Return the mails to one address, oldest first."""
        return [mail for mail in await self.read() if address in mail.to]

    async def _mail(self, item: dict[str, Any]) -> Mail:
        answer = await self._http.get(f"/api/messages/{item['id']}/raw")
        raw = answer.raise_for_status().content
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return Mail(tuple(item["envelope_to"]), item["subject"], item["message_id"], raw, message)

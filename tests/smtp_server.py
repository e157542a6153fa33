"""A real SMTP server that answers by script: refuse, put off, stall, hang up after DATA."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

# What the server does with a mail; "take" when the script for its recipient has run out.
Answer = Literal[
    "take",
    "take slowly",
    "take and hang up",
    "put off",
    "refuse",
    "refuse recipient",
    "refuse to relay",
    "ask to sign in",
    "stall",
]
SLOWLY_SECONDS = 1.8


class _Refusal(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.7.0 Too many connections from you\r\n")
        transport.close()


class _Session(SMTP):
    """A session that the server knows from its first moment."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler._open.add(transport)
        super().connection_made(transport)


@dataclass(slots=True)
class ScriptedServer:
    """Keeps what it has taken; `script` holds for each recipient how to answer, mail by mail."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    script: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    at_once: int = 0
    most_at_once: int = 0
    seconds_for_each: float = 0.0
    # More connections than these are refused with 421.
    most_connections: int = 100
    accepted_connections: int = 0
    refused_connections: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.BaseTransport] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Go away as a server that is stopped: the port is closed, connections are cut."""
        assert self._server is not None
        self._server.close()
        self.disconnect_all()

    def disconnect_all(self) -> None:
        """Cut the connections, as a server does that has waited long enough."""
        for transport in list(self._open):
            transport.close()
        self._open.clear()

    def _protocol(self) -> asyncio.Protocol:
        loop = asyncio.get_running_loop()
        self._open = {each for each in self._open if not each.is_closing()}
        if len(self._open) >= self.most_connections:
            self.refused_connections += 1
            return _Refusal()
        self.accepted_connections += 1
        return _Session(self, hostname="inbox.localhost", loop=loop)

    def answers(self, recipient: str, answers: Iterable[Answer]) -> None:
        self.script[recipient].extend(answers)

    def mails_to(self, recipient: str) -> list[EmailMessage]:
        return [mail for mail in self.taken if recipient in mail["To"]]

    async def handle_EHLO(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return said

    async def handle_RCPT(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.script[address][:1] == ["refuse recipient"]:
            self.script[address].pop(0)
            return "550 5.1.1 nobody of that name"
        if self.script[address][:1] == ["refuse to relay"]:
            self.script[address].pop(0)
            return "554 5.7.1 <somebody>: Relay access denied"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 well known"

    async def handle_DATA(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        recipient = envelope.rcpt_tos[0]
        answer = self.script[recipient].pop(0) if self.script[recipient] else "take"
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds_for_each)
            return await self._answer(answer, server, envelope.original_content or b"")
        finally:
            self.at_once -= 1

    async def _answer(self, answer: Answer, server: SMTP, content: bytes) -> str:
        match answer:
            case "put off":
                return "451 4.7.1 come back later"
            case "ask to sign in":
                return "530 5.7.0 Authentication required"
            case "refuse" | "refuse recipient" | "refuse to relay":
                return "554 5.7.1 not here"
            case "stall":
                await asyncio.sleep(60)
                return "451 4.3.0 never said in time"
            case "take and hang up":
                self._keep(content)
                assert isinstance(server.transport, asyncio.WriteTransport)
                server.transport.abort()
                return "250 2.0.0 nobody hears this"
            case "take" | "take slowly":
                await asyncio.sleep(SLOWLY_SECONDS if answer == "take slowly" else 0)
                self._keep(content)
                return "250 2.0.0 taken"

    def _keep(self, content: bytes) -> None:
        mail = message_from_bytes(content, policy=SMTP_POLICY)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)

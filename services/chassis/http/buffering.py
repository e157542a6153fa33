"""Answers held back whole, so that a middleware may look at one before it leaves."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `headers` as ASGI carries them."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""

    @property
    def kind(self) -> str:
        """Return its content type, empty without one."""
        return Headers(raw=self.headers).get("content-type", "")

    async def sent(self, send: Send) -> None:
        """Let it leave."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


async def gathered(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, wanted: Callable[[Answer], bool]
) -> Answer | None:
    """Serve the request; an answer that is wanted, by its head, is returned and not sent."""
    head: Answer | None = None
    body = bytearray()

    async def watched(message: Message) -> None:
        nonlocal head
        if message["type"] == "http.response.start":
            begun = Answer(message["status"], list(message["headers"]))
            if wanted(begun):
                head = begun
                return
        if head is None:
            await send(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, watched)
    return Answer(head.status, head.headers, bytes(body)) if head else None

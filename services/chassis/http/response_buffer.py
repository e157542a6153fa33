"""Response buffer: a middleware reads a whole response before it is sent."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class BufferedResponse:
    """A whole response; `headers` as ASGI carries them."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""

    @property
    def content_type(self) -> str:
        """Return its content type, empty without one."""
        return Headers(raw=self.headers).get("content-type", "")

    async def send_to(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


async def buffer_response(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    is_wanted: Callable[[BufferedResponse], bool],
) -> BufferedResponse | None:
    """Serve the request; a response that is wanted, judged by its head, is returned, not sent."""
    head: BufferedResponse | None = None
    body = bytearray()

    async def watched(message: Message) -> None:
        nonlocal head
        if message["type"] == "http.response.start":
            begun = BufferedResponse(message["status"], list(message["headers"]))
            if is_wanted(begun):
                head = begun
                return
        if head is None:
            await send(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, watched)
    return BufferedResponse(head.status, head.headers, bytes(body)) if head else None

"""A public URL with a path: everything that leaves begins with it, whatever the proxy strips.

`BOOKWITH_PUBLIC_URL=https://example.org/here` is served behind a proxy that hands `/here/...` on,
with the path or without it. In the service every address begins at its own root; here the path is
put before those that a browser will follow: links, forms and files of pages, redirects, and where
cookies are sent. In one place, so that no page can forget it.
"""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.http.response_buffer import BufferedResponse, buffer_response

# Quotes in what people have typed are escaped: these are attributes of our own templates.
_IN_PAGES = re.compile(rb"""((?:\b(?:href|src|(?:form)?action)=")|\burl: ')/(?!/)""")
_IN_HEADERS = {
    b"location": re.compile(rb"^()/(?!/)"),
    b"refresh": re.compile(rb"(;\s*url=)/(?!/)"),
    # A name with __Host- promises that its path is the whole host's.
    b"set-cookie": re.compile(rb"^((?!__Host-).*?;\s*path=)/", re.IGNORECASE),
}


def at_public_path(app: ASGIApp, public_url: str) -> ASGIApp:
    """Return the application as it has to be for the URL; without a path it is unchanged."""
    path = urlsplit(public_url).path.rstrip("/")
    return PublicPath(app, path) if path else app


class PublicPath:
    """ASGI middleware, outermost: takes requests with and without the path, answers with it."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path
        self._raw = path.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request as if it had come without the path."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == self._path or scope["path"].startswith(f"{self._path}/"):
            raw = scope.get("raw_path", b"").removeprefix(self._raw)
            own = scope["path"].removeprefix(self._path)
            scope = {**scope, "path": own or "/", "raw_path": raw or b"/"}

        async def placed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {
                    **message,
                    "headers": [self._header(*each) for each in message["headers"]],
                }
            await send(message)

        page = await buffer_response(self._app, scope, receive, placed, _is_page)
        if page is not None:
            body = self._before(_IN_PAGES, page.body)
            headers = MutableHeaders(raw=list(page.headers))
            headers["Content-Length"] = str(len(body))
            await BufferedResponse(page.status, headers.raw, body).send_to(placed)

    def _header(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        pattern = _IN_HEADERS.get(name.lower())
        return name, self._before(pattern, value) if pattern else value

    def _before(self, pattern: re.Pattern[bytes], text: bytes) -> bytes:
        return pattern.sub(lambda found: found[1] + self._raw + b"/", text)


def _is_page(answer: BufferedResponse) -> bool:
    # The answer to HEAD has no body to rewrite, and the length that it tells is not known then.
    return Headers(raw=answer.headers).get("content-type", "").startswith("text/html")

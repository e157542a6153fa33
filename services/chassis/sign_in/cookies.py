"""The cookies of sign-in: their names, and how a response sets them.

`__Host-` and `__Secure-` are promises that browsers check: set over https by this host and no
other. Browsers take them from 127.0.0.1 without https as well (Chromium and Firefox do).
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SET = "cookies_to_set"


class CookieNames:
    """The names in one deployment: two at different paths of one host do not share cookies."""

    def __init__(self, public_url: str) -> None:
        path = urlsplit(public_url).path.strip("/")
        place = "-" + "".join(each if each.isalnum() else "-" for each in path) if path else ""
        self.session = f"__Host-bw_session{place}"
        self.ended = f"__Host-bw_ended{place}"
        self.browser = f"__Host-bw_sign_in{place}"
        self.draft = f"__Secure-bw_draft{place}"


def set_cookie(request: Request, name: str, value: str, seconds: int, path: str = "/") -> None:
    """Let the response to this request set the cookie; scripts cannot read it."""
    said = f"{name}={value}; Max-Age={seconds}; Path={path}; Secure; HttpOnly; SameSite=Lax"
    request.scope.setdefault("state", {}).setdefault(_SET, {})[name] = said


def drop_cookie(request: Request, name: str, path: str = "/") -> None:
    """Let the response to this request remove the cookie."""
    set_cookie(request, name, "", 0, path)


class SetCookies:
    """ASGI middleware: adds the cookies that were set while the request was served."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start" and (said := state.get(_SET)):
                added = [(b"set-cookie", each.encode()) for each in said.values()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, with_cookies)

"""What was typed into a form that is refused: the page that says so shows it, to be copied."""

import asyncio
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from services.booking.web.forms import FIELD, PROOF, SHOWN, TRAP
from services.chassis.http.form_fields import fields_read, read_fields
from services.chassis.http.middleware import BODY_LIMIT
from services.chassis.http.problems import Problem

# What a form carries for us.
NOT_TYPED = frozenset({FIELD, SHOWN, PROOF, TRAP})
TOO_MANY_REQUESTS = 429
SECONDS = 5


async def refused_texts(scope: Scope, receive: Receive, status: int) -> tuple[str, ...]:
    """Return the texts of the form that the request has sent, as far as a person typed them.

    A budget refuses a request before its form is read: then it is read here, within the limit
    that holds for every form.
    """
    read = fields_read(scope)
    if not read and status == TOO_MANY_REQUESTS and scope["method"] == "POST":
        read = await _unread(scope, receive)
    return typed_texts(read)


def typed_texts(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a person has typed into text fields: several words, or an address for mail."""
    texts = (text.strip() for name, text in fields.items() if name not in NOT_TYPED)
    return tuple(text for text in texts if " " in text or "\n" in text or "@" in text)


async def _unread(scope: Scope, receive: Receive) -> Mapping[str, str]:
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_LIMIT or not _is_ours(headers):
        return {}
    try:
        async with asyncio.timeout(SECONDS):
            return await read_fields(Request(scope, receive))
    except (Problem, ClientDisconnect, TimeoutError):
        return {}


def _is_ours(headers: Headers) -> bool:
    """Tell whether the browser says that a page of this host sent the form."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or origin.partition("://")[2] == headers.get("host")

"""Addresses on our own site: where a sign-in may lead on to."""

import re
from urllib.parse import quote

from starlette.requests import Request

LONGEST = 1000
# Two slashes, or one and a backslash, would name another host.
_OWN = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_OF_SIGN_IN = re.compile(r"/sign-(in|out)($|[/?#])")


def own_path(text: str | None, otherwise: str) -> str:
    """Return the address if it is one of our pages, else the other one."""
    if text is None or len(text) > LONGEST or not _OWN.fullmatch(text):
        return otherwise
    return otherwise if _OF_SIGN_IN.match(text) else text


def path_of(request: Request) -> str:
    """Return the path and query that the request asks for."""
    path, query = plain_path_of(request), request.url.query
    return f"{path}?{query}" if query else path


def plain_path_of(request: Request) -> str:
    """Return the path that the request asks for, as addresses write it."""
    return "/" + quote(request.scope["path"].lstrip("/"), safe="/~!$&'()*+,;=:@-._")

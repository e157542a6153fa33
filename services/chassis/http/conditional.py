"""Entity tags: every document that is read has one, and who knows it already gets a 304."""

import hashlib
import re

from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.problem_types import PRECONDITION_REQUIRED, VERSION_CONFLICT
from services.chassis.http.problems import Problem
from services.chassis.http.response_buffer import BufferedResponse, buffer_response

_TAG = re.compile(r"([0-9]{1,9})(-[0-9a-f]+)?")
# What a 304 repeats of the answer that it stands for.
_REPEATED = ("etag", "cache-control", "vary")


class ConditionalGet:
    """ASGI middleware: adds the ETag that a route did not set, and answers If-None-Match."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; a JSON document that is read is tagged by what it says."""
        if scope["type"] != "http" or scope["method"] != "GET" or "/api/" not in scope["path"]:
            await self._app(scope, receive, send)
            return
        answer = await buffer_response(self._app, scope, receive, send, _is_document)
        if answer is None:
            return
        headers = MutableHeaders(raw=answer.headers)
        headers.setdefault("Cache-Control", "no-store")  # many hold a token or a person
        if "etag" not in headers:
            headers["ETag"] = f'"{_digest(answer.body)}"'
        if _knows(Headers(scope=scope).get("if-none-match", ""), headers["etag"]):
            kept = {name: headers[name] for name in _REPEATED if name in headers}
            await Response(status_code=304, headers=kept)(scope, receive, send)
        else:
            await answer.send_to(send)


def _is_document(answer: BufferedResponse) -> bool:
    return answer.status == 200 and answer.content_type.startswith("application/json")


def _knows(if_none_match: str, tag: str) -> bool:
    """Whether the header names the tag: weakly compared, as RFC 9110 13.1.2 has it."""
    named = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in named or tag.removeprefix("W/") in named


def tagged(document: BaseModel, version: int, status: int = 200) -> Response:
    """Return the document with an ETag of its version and of what it says.

    The version alone would call the document unchanged when only the clock, or a neighbour that
    it tells of, has changed it.
    """
    written = document.model_dump_json(by_alias=True)
    answer = Response(written, status, media_type="application/json")
    answer.headers["ETag"] = f'"{version}-{_digest(answer.body)}"'
    return answer


def expected_version(if_match: str | None) -> int | None:
    """Return the version that `If-Match` names, None for `*`, which is content with any.

    Raises `precondition-required` without the header.
    """
    if if_match is None:
        raise Problem(
            PRECONDITION_REQUIRED,
            "Send If-Match with the ETag that you read, so that nobody's change is overwritten.",
        )
    if if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    found = _TAG.fullmatch(text)
    if found is None:
        raise Problem(VERSION_CONFLICT, "The If-Match is no ETag of this resource; read it again.")
    return int(found[1])


def version_if_named(if_match: str | None) -> int | None:
    """Return the version that `If-Match` names, None without one: who sends none takes any."""
    return expected_version(if_match) if if_match else None


def _digest(body: bytes | memoryview) -> str:
    return hashlib.sha256(body).hexdigest()[:32]

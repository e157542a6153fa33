"""Problems under `/scim` as SCIM's own errors, whichever part of the service they come from."""

import json

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.http.problems import PROBLEM_MEDIA_TYPE
from services.chassis.http.response_buffer import BufferedResponse, buffer_response

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
MEDIA_TYPE = "application/scim+json"


class ScimErrors:
    """ASGI middleware: rewrites problems for SCIM's clients; other addresses pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        if scope["type"] != "http" or not scope["path"].startswith("/scim/"):
            await self._app(scope, receive, send)
            return
        problem = await buffer_response(self._app, scope, receive, send, _is_problem)
        if problem is not None:
            await _error(problem).send_to(send)


def _is_problem(answer: BufferedResponse) -> bool:
    return answer.content_type.startswith(PROBLEM_MEDIA_TYPE)


def _error(answer: BufferedResponse) -> BufferedResponse:
    headers = MutableHeaders(raw=list(answer.headers))
    headers["Content-Type"] = MEDIA_TYPE
    headers["Cache-Control"] = "no-store"
    if not answer.body:  # of a HEAD
        return BufferedResponse(answer.status, headers.raw)
    problem = json.loads(answer.body)
    body = {"schemas": [ERROR], "status": str(answer.status), "detail": problem["detail"]}
    if "scim_type" in problem:
        body["scimType"] = problem["scim_type"]
    written = json.dumps(body).encode()
    headers["Content-Length"] = str(len(written))
    return BufferedResponse(answer.status, headers.raw, written)

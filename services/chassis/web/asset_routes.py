"""The addresses of the files that pages load."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.problem_types import NOT_FOUND
from services.chassis.http.problems import Problem
from services.chassis.web.accepted import accepts_gzip
from services.chassis.web.assets import assets

READ = ["GET", "HEAD"]
FOR_EVER = "public, max-age=31536000, immutable"

routes = APIRouter(include_in_schema=False)


@routes.api_route("/assets/{digest}/{name}", methods=READ)
async def asset(request: Request, digest: str, name: str) -> Response:
    found = assets().get(name)
    if found is None:
        raise Problem(NOT_FOUND, "Check the address.")
    # An address with the digest of other content is not cached.
    headers = {"Cache-Control": FOR_EVER if digest == found.digest else "no-store"}
    content = found.content
    if found.packed:
        headers["Vary"] = "Accept-Encoding"
        # Pages are never packed: their length would tell what they hold. These hold nothing.
        if accepts_gzip(request.headers.get("accept-encoding", "")):
            content, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(content, headers={**headers, "Content-Type": found.media_type})

"""The script that other sites may load to show a meeting type as high as it is."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

READ = ["GET", "HEAD"]
ADDRESS = "/embed.js"
_SCRIPT = (Path(__file__).parents[1] / "embed.js").read_bytes()
# Its address stands in the pages of others: it stays the same when the script changes.
_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

routes = APIRouter(include_in_schema=False)


@routes.api_route(ADDRESS, methods=READ)
async def script() -> Response:
    return Response(_SCRIPT, media_type="text/javascript", headers=_HEADERS)

"""A stand-in of Microsoft Graph's `users/delta`, written from its documentation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

TENANT = "bridges.example"
CLIENT, SECRET = "our-application", "its-secret"
PER_PAGE = 2
GONE = {"error": {"code": "syncStateNotFound", "message": "Resync required"}}


@dataclass(slots=True)
class Graph:
    """A tenant's users, every change of one, and how often somebody asked for what."""

    url: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
    # Tokens of before are not known any more.
    forgotten: int = 0
    # What is answered instead, each once: status and headers.
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    signed_in: int = 0
    reached: int = 0
    elsewhere: str | None = None

    def tell(self, user: str, **changed: Any) -> None:
        """Note a change of a user."""
        self.changes.append({"id": user, **changed})

    def remove(self, user: str, reason: str) -> None:
        """Note that a user is gone."""
        self.changes.append({"id": user, "@removed": {"reason": reason}})

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        self.reached += 1
        if request.path == f"/{TENANT}/oauth2/v2.0/token":
            return await self._token(request)
        if request.path != "/v1.0/users/delta" or request.method != "GET":
            return web.json_response({"error": {"code": "NotFound"}}, status=404)
        if request.headers.get("Authorization") != f"Bearer token-{self.signed_in}":
            return web.json_response({"error": {"code": "InvalidAuthenticationToken"}}, status=401)
        self.asked.append(request.query_string)
        if self.refusals:
            status, headers = self.refusals.pop(0)
            return web.json_response(GONE, status=status, headers=headers)
        return self._page(request)

    async def _token(self, request: web.BaseRequest) -> web.StreamResponse:
        form = await request.post()
        wanted = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "grant_type": "client_credentials",
            "scope": "https://graph.microsoft.com/.default",
        }
        if dict(form) != wanted:
            return web.json_response({"error": "invalid_client"}, status=401)
        self.signed_in += 1
        return web.json_response(
            {"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-{self.signed_in}"}
        )

    def _page(self, request: web.BaseRequest) -> web.StreamResponse:
        query = request.query
        if "$select" in query:
            start, whole = 0, True
            found = self._merged()
        else:
            epoch, kind, start_text = query.get("$skiptoken", query.get("$deltatoken", "")).split(
                "-"
            )
            start, whole = int(start_text), kind == "all"
            if int(epoch) != self.forgotten:
                return web.json_response(GONE, status=410)
            found = self._merged() if whole else self.changes
        shown = found[start : start + PER_PAGE]
        more = start + PER_PAGE < len(found)
        token = f"{self.forgotten}-{'all' if whole and more else 'some'}-"
        place = start + PER_PAGE if more else len(self.changes)
        name, link = ("$skiptoken", "nextLink") if more else ("$deltatoken", "deltaLink")
        leads = (
            f"{self.elsewhere or self.url}/v1.0/users/delta?{urlencode({name: f'{token}{place}'})}"
        )
        return web.json_response({"value": shown, f"@odata.{link}": leads})

    def _merged(self) -> list[dict[str, Any]]:
        """Return the users as they are: who is gone is not among them."""
        users: dict[str, dict[str, Any]] = {}
        for each in self.changes:
            if "@removed" in each:
                users.pop(each["id"], None)
            else:
                users[each["id"]] = {**users.get(each["id"], {}), **each}
        return list(users.values())


@asynccontextmanager
async def graph_running() -> AsyncIterator[Graph]:
    """Serve the stand-in while the block runs."""
    graph = Graph()
    runner = web.ServerRunner(web.Server(graph))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    graph.url = f"http://{host}:{port}"
    try:
        yield graph
    finally:
        await runner.cleanup()

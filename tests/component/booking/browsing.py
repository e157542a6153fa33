"""A visitor's browser without scripts, in front of booking's pages."""

import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx

from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.identity.sessions import Sessions
from tests.component.booking.booking_service import EVERYBODY, BookingService, Organizer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.provider import NAMESPACE
from tests.component.running import KEYS, PUBLIC_URL

WHO = {"name": "Vera Visitor", "email": "vera@visitors.example"}

_FORM = re.compile(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


@dataclass(slots=True)
class Visitor:
    """A browser without scripts: follows links, fills forms in, keeps cookies."""

    http: httpx.AsyncClient

    async def open(self, address: str) -> httpx.Response:
        """Open an address and whatever it leads on to."""
        return await self.http.get(address.removeprefix(PUBLIC_URL))

    async def submit(self, page: httpx.Response, place: str, /, **typed: str) -> httpx.Response:
        """Fill in the form on the page whose address ends in the place, and send it."""
        address, fields = self.form(page, place, **typed)
        return await self.http.post(address, data=fields)

    def form(self, page: httpx.Response, place: str, /, **typed: str) -> tuple[str, dict[str, str]]:
        """Return where that form is sent, and what it sends once it is filled in."""
        for action, inside in _FORM.findall(page.text):
            address = html.unescape(action)
            if address.partition("?")[0].endswith(place):
                return address, {**dict(_HIDDEN.findall(inside)), **typed}
        raise AssertionError(f"no form to {place} on the page:\n{page.text}")

    async def choose(self, address: str, start: str, *, on: httpx.Response) -> httpx.Response:
        """Choose a time on the page of a meeting type."""
        place = on.url.path if on.url.path.startswith(("/with", "/p/")) else address
        return await self.submit(on, place, start=start)


def browsing(service: BookingService) -> httpx.AsyncClient:
    """Return a browser of its own, with its own cookies, in front of this process of booking."""
    transport = httpx.ASGITransport(app=service.booking.process.app)  # type: ignore[arg-type] # every process has one
    return httpx.AsyncClient(
        transport=transport, base_url=PUBLIC_URL, timeout=30, follow_redirects=True
    )


def heading(page: httpx.Response) -> str:
    """Return the heading of the page."""
    found = _HEADING.search(page.text)
    assert found is not None, page.text
    return html.unescape(found[1].strip())


def offer(free_times: FreeTimesServer, *starts: str) -> None:
    """Let availability offer these times."""
    free_times.slots.extend({"start": start, "end": start} for start in starts)


async def hold(visitor: Visitor, kind: dict[str, str], start: str) -> httpx.Response:
    """Choose the time of the type; return the page of the held time."""
    shown = await visitor.open(f"{kind['url']}?day={start[:10]}")
    return await visitor.choose(kind["url"], start, on=shown)


def signed_in(
    organizer: Organizer,
    *roles: str,
    begun: int = 0,
    used: int = 0,
    service: BookingService | None = None,
) -> httpx.AsyncClient:
    """Return the organizer's own browser, with a session of the pages.

    It was begun, and last used, so many seconds ago.
    """
    who = Principal(
        id=organizer.id,
        identity=organizer.identity,
        roles=frozenset(roles or EVERYBODY),
        name=str(organizer.profile["display_name"]),
        email=str(organizer.profile["email"]),
    )
    browser = browsing(service or organizer.service)
    browser.cookies.set("__Host-bw_session", session_cookie(who, begun=begun, used=used))
    return browser


def session_cookie(who: Principal, *, begun: int = 0, used: int = 0) -> str:
    """Return the cookie of a session of pages, begun and last used so many seconds ago."""
    sessions = Sessions(
        KeyRing.parse(KEYS), NAMESPACE, idle=timedelta(hours=2), absolute=timedelta(hours=12)
    )
    now = datetime.now(UTC)
    session = replace(
        sessions.begin(who, now - timedelta(seconds=begun)), used_at=now - timedelta(seconds=used)
    )
    return sessions.sealed(session)

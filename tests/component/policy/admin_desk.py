"""An administrator in front of their pages: a signed-in browser without scripts."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from services.chassis.identity.claims import Principal
from tests.component.booking.browsing import session_cookie
from tests.component.booking.form_reading import form_to
from tests.component.booking.organizer_desk import Desk
from tests.component.policy.administration import Administration
from tests.component.running import PUBLIC_URL

ADMIN = "/admin"
WHY = "Asked for by the board"


@asynccontextmanager
async def desk_of(
    administration: Administration,
    identity: str = "ada",
    *roles: str,
    language: str = "en",
    begun: int = 0,
) -> AsyncIterator[Desk]:
    """Sign somebody in, an administrator unless told, in a browser of their own."""
    who = Principal(
        id=administration.sign_in.id_of(identity),
        identity=identity,
        roles=frozenset(roles or ("administrator",)),
        name=identity.capitalize(),
        email=f"{identity}@example.test",
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=administration.service.process.app),  # type: ignore[arg-type] # every process has one
        base_url=PUBLIC_URL,
        timeout=30,
        follow_redirects=True,
        headers={"Accept-Language": language},
    ) as browser:
        browser.cookies.set("__Host-bw_session", session_cookie(who, begun=begun, used=begun))
        yield Desk(browser)


async def plan(desk: Desk, path: str, **typed: str) -> httpx.Response:
    """Fill in the form on the page, and see what it would do."""
    place = path.partition("?")[0]
    return await desk.send(await desk.open(path), place, {"reason": WHY, **typed})


async def apply(desk: Desk, planned: httpx.Response, *, confirm: bool = False) -> httpx.Response:
    """Make the change that the page shows."""
    assert "What this change would do" in planned.text, planned.text
    return await desk.send(planned, "/apply", {"confirm": "yes"} if confirm else {})


def words_of(page: httpx.Response) -> str:
    """Return what the page says, without its markup."""
    text = re.sub(r"<[^>]*>", "", page.text.partition("<main")[2].partition("</main>")[0])
    return re.sub(r"\s+", " ", text)


def typed_in(page: httpx.Response, place: str) -> dict[str, str]:
    """Return what the form on the page holds."""
    return form_to(page, place).fields

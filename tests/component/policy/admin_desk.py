"""An administrator in front of their pages: a signed-in browser without scripts."""

import html
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
# Browsers keep the cookies of drafts for addresses with TLS only.
SITE = PUBLIC_URL.replace("http:", "https:")
_INLINE = re.compile(r"</?(?:a|b|bdi|span|strong)\b[^>]*>")
_BLOCK = re.compile(r"<[^>]*>")


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
        base_url=SITE,
        timeout=30,
        follow_redirects=True,
        headers={"Accept-Language": language},
    ) as browser:
        browser.cookies.set("__Host-bw_session", session_cookie(who, begun=begun, used=begun))
        yield Desk(browser)


async def plan(desk: Desk, path: str, **typed: str) -> httpx.Response:
    """Fill in the form on the page, and see what it would do."""
    page = await desk.open(path)
    return await desk.send(page, page.url.path, {"reason": WHY, **typed})


async def apply(desk: Desk, planned: httpx.Response, *, confirm: bool = False) -> httpx.Response:
    """Make the change that the page shows."""
    assert "What this change would do" in planned.text, planned.text
    return await desk.send(planned, "/apply", {"confirm": "yes"} if confirm else {})


def words_of(page: httpx.Response) -> str:
    """Return what the page says, without its markup."""
    inside = page.text.partition("<main")[2].partition("</main>")[0]
    text = _BLOCK.sub(" ", _INLINE.sub("", inside))
    return re.sub(r"\s+", " ", html.unescape(text))


def typed_in(page: httpx.Response, place: str) -> dict[str, str]:
    """Return what the form on the page holds."""
    return form_to(page, place).fields


async def reset(administration: Administration) -> None:
    """Bring everything that holds for everybody back to what it is at first."""
    await administration.change(
        "/organization",
        EwsEnabled=None,
        mode="both_must_allow",
        EwsApplicationAccessPolicy=None,
        EwsAllowList=[],
        EwsBlockList=[],
        licence_default=True,
        sharing_mode="any_anonymous",
    )
    domains = ["Anonymous:CalendarSharingFreeBusyReviewer", "*:CalendarSharingFreeBusySimple"]
    await administration.sharing(Enabled=True, Domains=domains)
    await administration.applied()

"""The organizers' pages behind their sign-in, on the running service and at a real provider."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.routing import Route

from services.booking.app import ROUTERS
from tests.component.booking.booking_service import BookingService
from tests.component.booking.browsing import browsing, heading, signed_in
from tests.component.openid_mock import openid_mock, signed_in_at
from tests.component.running import LOGGED
from tests.running_service import free_port

SITE = "https://bookwith.example"
CLIENT = {"oidc_client_id": "bookwith", "oidc_client_secret": "local"}


@asynccontextmanager
async def site(
    service: BookingService, issuer: str, **changes: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a browser in front of a process of booking whose people sign in at the issuer."""
    chosen = {"public_url": SITE, "oidc_issuer": issuer, **CLIENT, **changes}
    async with service.another_process(**chosen) as other:
        assert other.booking.process.app is not None
        transport = httpx.ASGITransport(app=other.booking.process.app)
        async with httpx.AsyncClient(transport=transport, base_url=SITE, timeout=30) as browser:
            yield browser


async def sign_in(browser: httpx.AsyncClient, name: str, page: str = "/organizer") -> str:
    """Open the page and sign in on the way to it; return where that leads."""
    refused = await browser.get(page)
    to_provider = await browser.get(refused.headers["location"])
    address = to_provider.headers["location"]
    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    back = urlsplit(asked["redirect_uri"])
    assert back.scheme == "https"
    answer = await browser.get(back.path, params=await signed_in_at(address, name))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_who_is_signed_in_sees_their_page_and_nobody_else_does(
    service: BookingService,
) -> None:
    organizer = await service.organizer()
    async with signed_in(organizer) as browser, browsing(service) as stranger:
        seen = await browser.get("/organizer")
        refused = await stranger.get("/organizer", follow_redirects=False)

    assert seen.status_code == 200
    assert "Anna (Department of Bridges)" in seen.text
    assert (303, "/sign-in?to=%2Forganizer") == (refused.status_code, refused.headers["location"])


async def test_without_the_role_a_page_says_so_and_offers_another_sign_in(
    service: BookingService,
) -> None:
    async with signed_in(await service.organizer(), "operator") as browser:
        refused = await browser.get("/organizer")

    assert refused.status_code == 403
    assert heading(refused) == "Your account may not use this page"
    assert "/sign-in?to=%2Forganizer&amp;as=somebody-else" in refused.text


async def test_an_organizer_signs_in_at_a_real_provider_and_out_again(
    service: BookingService, tmp_path: Path
) -> None:
    with openid_mock(tmp_path) as issuer:
        async with site(service, issuer) as browser:
            logged_before = len(LOGGED.getvalue())
            assert await sign_in(browser, "anna", "/organizer?lang=da") == "/organizer?lang=da"
            page = await browser.get("/organizer?lang=en")
            key = page.text.partition('name="form" value="')[2].partition('"')[0]
            out = await browser.post("/sign-out", data={"form": key})
            after = await browser.get("/organizer")

    assert "anna@example.test" in page.text
    assert heading(out) == "You are signed out here"
    assert out.headers["refresh"].startswith(f"0;url={issuer}/oauth2/end_session?")
    assert after.status_code == 303
    logged = LOGGED.getvalue()[logged_before:]
    assert "/sign-in/callback" in logged
    for secret in ("code=", "state=", "access_token", "id_token", "eyJ", "anna@"):
        assert secret not in logged


async def test_the_sign_in_works_under_a_public_url_with_a_path(
    service: BookingService, tmp_path: Path
) -> None:
    with openid_mock(tmp_path) as issuer:
        async with site(service, issuer, public_url=f"{SITE}/book") as browser:
            assert await sign_in(browser, "anna", "/book/organizer") == "/book/organizer"
            page = await browser.get("/book/organizer")
            cookies = {cookie.name: cookie.path for cookie in browser.cookies.jar}

    assert page.status_code == 200
    assert 'action="/book/sign-out"' in page.text
    assert {"__Host-bw_session-book": "/", "__Host-bw_sign_in-book": "/"} == cookies


async def test_who_is_signed_in_by_a_session_has_no_budget(
    service: BookingService, tmp_path: Path
) -> None:
    with openid_mock(tmp_path) as issuer:
        small = {"budget_network": "2/hour", "budget_factor": 1.0}
        async with site(service, issuer, **small) as browser:
            await sign_in(browser, "anna")
            sent = [(await browser.post("/sign-out", data={"form": "x"})) for _ in range(5)]
            browser.cookies.clear()
            late = [(await browser.post("/sign-out", data={"form": "x"})) for _ in range(5)]

    assert {303} == {answer.status_code for answer in sent}
    assert 429 in {answer.status_code for answer in late}


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "The sign-in service does not answer"), ("da", "Logintjenesten svarer ikke")],
)
async def test_a_provider_that_is_not_there_is_said_to_be_away(
    service: BookingService, language: str, title: str
) -> None:
    async with site(service, f"http://127.0.0.1:{free_port()}") as browser:
        told = await browser.get("/sign-in", headers={"Accept-Language": language})

    assert (503, title) == (told.status_code, heading(told))
    assert told.headers["retry-after"] == "5"


async def test_without_a_client_a_page_says_that_nobody_can_sign_in(
    service: BookingService,
) -> None:
    async with site(service, service.settings.oidc_issuer, oidc_client_id=None) as browser:
        told = await browser.get("/sign-in")

    assert (503, "There is no sign-in here yet") == (told.status_code, heading(told))


async def test_the_provider_is_asked_as_the_settings_say(
    service: BookingService, tmp_path: Path
) -> None:
    chosen = {
        "pages_url": "https://pages.example/times",
        "oidc_client_id": "times",
        "oidc_scopes": "openid email",
    }
    with openid_mock(tmp_path) as issuer:
        async with site(service, issuer, **chosen) as browser:
            led = await browser.get("/times/sign-in")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(led.headers["location"]).query).items()}

    assert ("https://pages.example/times/sign-in/callback", "times", "openid email") == (
        asked["redirect_uri"],
        asked["client_id"],
        asked["scope"],
    )


async def test_a_session_lasts_as_long_as_the_settings_say(service: BookingService) -> None:
    organizer = await service.organizer()
    found = []
    chosen = {"session_idle_seconds": 60, "session_seconds": 180}
    async with service.another_process(**chosen) as other:
        for used, begun in ((50, 50), (70, 70), (10, 170), (10, 190)):
            async with signed_in(organizer, used=used, begun=begun, service=other) as browser:
                answer = await browser.get("/organizer", follow_redirects=False)
            found.append(answer.status_code)

    assert [200, 303, 200, 303] == found


async def test_groups_give_roles_to_tokens_as_the_settings_say(service: BookingService) -> None:
    chosen = {"oidc_groups_claim": "teams", "oidc_role_groups": "organizer=Bridges"}
    async with service.another_process(**chosen) as other:
        answers = []
        for team in ("Bridges", "Roads"):
            headers = service.sign_in.with_claims(sub="gro", teams=[team])
            answers.append(await other.call("GET", "/meeting-types", headers=headers))

    assert 403 != answers[0].status_code
    assert 403 == answers[1].status_code


def organizer_routes() -> list[tuple[str, str]]:
    """Return each method and address of the organizers' pages, with ids in the place of names."""
    found = [
        (method, re.sub(r"{[^}]*}", "01a22c6f-0000-7000-8000-000000000000", route.path))
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, Route) and route.path.startswith("/organizer")
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    assert ("GET", "/organizer") in found
    return found


async def test_every_organizers_page_asks_strangers_to_sign_in_and_refuses_other_roles(
    service: BookingService,
) -> None:
    wrong = []
    operator = signed_in(await service.organizer(), "operator")
    async with operator, browsing(service) as stranger:
        for method, path in organizer_routes():
            form = {"form": "x"} if method == "POST" else None
            asked = await stranger.request(method, path, follow_redirects=False, data=form)
            refused = await operator.request(method, path, follow_redirects=False, data=form)
            led = asked.headers.get("location", "").startswith("/sign-in?to=")
            if not (led if method == "GET" else asked.status_code == 403):
                wrong.append(("a stranger", method, path, asked.status_code))
            if refused.status_code != 403:
                wrong.append(("an operator", method, path, refused.status_code))

    assert [] == wrong

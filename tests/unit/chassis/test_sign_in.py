"""Sign-in to pages: to the provider and back, with every answer that a provider can give."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.chassis.ids import person_id
from tests.unit.chassis.openid_provider import KEY, OTHER_KEY
from tests.unit.chassis.signing_in import (
    CLIENT,
    NAMESPACE,
    SITE,
    Browser,
    ScriptedProvider,
    lines,
    scripted_provider,
    site,
)


@pytest.fixture
async def provider() -> AsyncIterator[ScriptedProvider]:
    async with scripted_provider() as started:
        yield started


@pytest.fixture
async def browser(provider: ScriptedProvider) -> AsyncIterator[Browser]:
    async with site(provider) as opened:
        yield opened


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def test_a_page_leads_to_the_provider_and_back_to_itself(
    browser: Browser, provider: ScriptedProvider
) -> None:
    refused = await browser.http.get("/organizer/form?day=2")
    to_provider = await browser.http.get(refused.headers["location"])
    back = await browser.come_back(to_provider.headers["location"])
    shown = await browser.http.get("/organizer")

    assert (303, "/sign-in?to=%2Forganizer%2Fform%3Fday%3D2") == (
        refused.status_code,
        refused.headers["location"],
    )
    assert (303, "/organizer/form?day=2") == (back.status_code, back.headers["location"])
    assert f"Anna {person_id(NAMESPACE, 'anna')}" == shown.text
    asked = query_of(to_provider.headers["location"])
    assert (CLIENT, f"{SITE}/sign-in/callback", "S256", "openid profile email") == (
        asked["client_id"],
        asked["redirect_uri"],
        asked["code_challenge_method"],
        asked["scope"],
    )
    assert "prompt" not in asked
    assert provider.exchanged[0]["client_id"] == CLIENT
    assert "client_secret" not in provider.exchanged[0]


async def test_cookies_are_sealed_and_kept_from_scripts_and_other_sites(browser: Browser) -> None:
    back = await browser.sign_in()
    cookies = back.headers.get_list("set-cookie")

    assert [] == [
        each
        for each in cookies
        if not each.startswith("__Host-")
        or not each.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
    ]
    assert "anna" not in "".join(cookies).lower()
    assert back.headers["cache-control"] == "no-store"


async def test_each_sign_in_is_another_session_with_another_nonce_and_verifier(
    browser: Browser, provider: ScriptedProvider
) -> None:
    first, second = await browser.begin(), await browser.begin()
    await browser.come_back(first)
    one = browser.http.cookies["__Host-bw_session"]
    await browser.come_back(second)
    other = browser.http.cookies["__Host-bw_session"]

    for name in ("state", "nonce", "code_challenge"):
        assert query_of(first)[name] != query_of(second)[name]
    assert one != other


@pytest.mark.parametrize(
    "scripted",
    [
        {"claims": {"nonce": "of-another-sign-in"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another-application"}},
        {"claims": {"aud": None}},
        {"claims": {"azp": "another-application"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"exp": 1_000_000_000}},
        {"claims": {"exp": None}},
        {"claims": {"sub": None}},
        {"claims": {"sub": "a" * 256}},
        {"key": OTHER_KEY},
        {"key": OTHER_KEY, "kid": "k2"},
        {"key": OTHER_KEY, "kid": None},
        {"key": "", "algorithm": "none"},
        {"key": "a shared secret that everybody may know", "algorithm": "HS256"},
    ],
    # The key is an object whose text has its address, which is another one in each process.
    ids=lambda scripted: str({**scripted, "key": "of another"} if "key" in scripted else scripted),
)
async def test_a_wrong_id_token_signs_nobody_in(
    browser: Browser, provider: ScriptedProvider, scripted: dict[str, Any]
) -> None:
    for name, value in scripted.items():
        setattr(provider, name, value)
    back = await browser.sign_in()

    assert (403, "refused") == (back.status_code, lines(back)[0])
    assert "-> /sign-in?to=%2Forganizer" in lines(back)
    assert (await browser.http.get("/organizer")).status_code == 303
    provider.claims, provider.key, provider.kid, provider.algorithm = {}, KEY, "k1", "RS256"
    assert (await browser.sign_in()).status_code == 303


async def test_several_audiences_are_taken_when_the_token_was_made_for_us(
    browser: Browser, provider: ScriptedProvider
) -> None:
    provider.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}

    assert (await browser.sign_in()).status_code == 303


async def test_an_answer_that_another_browser_began_is_not_taken(
    browser: Browser, provider: ScriptedProvider
) -> None:
    foreign = await browser.begin("/organizer/form")
    async with site(provider) as victim:
        first = await victim.come_back(foreign)
        second = await victim.come_back(first.headers["location"])
        third = await victim.http.get("/organizer/form")

    # It begins anew, as the victim; nothing of the foreign answer is used.
    assert (303, "/authorize") == (
        first.status_code,
        urlsplit(first.headers["location"]).path,
    )
    assert (303, "/organizer/form") == (second.status_code, second.headers["location"])
    assert third.status_code == 200
    assert len(provider.exchanged) == 1


async def test_a_browser_without_cookies_is_told_so_instead_of_going_in_circles(
    browser: Browser,
) -> None:
    address = await browser.begin()
    browser.http.cookies.clear()
    again = await browser.come_back(address)
    browser.http.cookies.clear()
    told = await browser.come_back(again.headers["location"])

    assert (303, 400, "cookies") == (again.status_code, told.status_code, lines(told)[0])


@pytest.mark.parametrize("state", ["", "forged", "AUmgMHAL9OQZ9Ah_aia"])
async def test_an_answer_that_was_not_begun_here_says_so_or_leads_home(
    browser: Browser, provider: ScriptedProvider, state: str
) -> None:
    asked = {"code": "code-0", "state": state}
    told = await browser.http.get("/sign-in/callback", params=asked)
    await browser.sign_in()
    led = await browser.http.get("/sign-in/callback", params=asked)

    assert (400, "lost") == (told.status_code, lines(told)[0])
    assert (303, "/organizer") == (led.status_code, led.headers["location"])
    assert len(provider.exchanged) == 1


async def test_a_callback_that_is_used_twice_leads_on_and_keeps_the_session(
    browser: Browser, provider: ScriptedProvider
) -> None:
    code, state = provider.code_for(await browser.begin("/organizer/form"))
    asked = {"code": code, "state": state}
    first = await browser.http.get("/sign-in/callback", params=asked)
    second = await browser.http.get("/sign-in/callback", params=asked)
    browser.http.cookies.delete("__Host-bw_session")
    third = await browser.http.get("/sign-in/callback", params=asked)

    for each in (first, second):
        assert (303, "/organizer/form") == (each.status_code, each.headers["location"])
    assert (403, "refused") == (third.status_code, lines(third)[0])


async def test_two_tabs_that_begin_at_the_same_moment_both_arrive(browser: Browser) -> None:
    one = await browser.begin("/organizer")
    browser.http.cookies.clear()  # the other tab has begun before the cookie of the first came
    other = await browser.begin("/organizer/form")
    first = await browser.come_back(one)
    second = await browser.come_back(other)
    again = await browser.come_back(first.headers["location"])

    assert urlsplit(first.headers["location"]).path == "/authorize"
    assert "/organizer/form" == second.headers["location"]
    assert "/organizer" == again.headers["location"]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        ("access_denied", 403, "denied"),
        ("login_required", 403, "refused"),
        ("invalid_scope", 403, "refused"),
        ("temporarily_unavailable", 503, "away"),
        ("server_error", 503, "away"),
    ],
)
async def test_an_error_of_the_provider_ends_in_a_page_with_a_way_on(
    browser: Browser, error: str, status: int, kind: str
) -> None:
    state = query_of(await browser.begin("/organizer/form"))["state"]
    told = await browser.http.get("/sign-in/callback", params={"error": error, "state": state})

    assert (status, kind) == (told.status_code, lines(told)[0])
    assert "-> /sign-in?to=%2Forganizer%2Fform" in lines(told)


@pytest.mark.parametrize("fault", ["away", "confused", "overrun", "moved", "a list"])
async def test_a_provider_that_is_down_is_said_to_be(
    browser: Browser, provider: ScriptedProvider, fault: str
) -> None:
    provider.documents.fault = fault
    told = await browser.http.get("/sign-in", params={"to": "/organizer"})

    assert (503, "away", "5") == (told.status_code, lines(told)[0], told.headers["retry-after"])
    assert "-> /sign-in?to=%2Forganizer" in lines(told)


async def test_a_provider_that_goes_away_before_the_code_is_exchanged_is_asked_again(
    browser: Browser, provider: ScriptedProvider
) -> None:
    address = await browser.begin()
    provider.documents.fault = "no tokens"
    told = await browser.come_back(address)
    provider.documents.fault = ""

    assert (503, "away") == (told.status_code, lines(told)[0])
    assert (await browser.sign_in()).status_code == 303


@pytest.mark.parametrize("refusal", ["invalid_client", "unauthorized_client"])
async def test_a_client_that_is_refused_is_a_fault_of_the_settings(
    browser: Browser, provider: ScriptedProvider, refusal: str
) -> None:
    provider.refusal = refusal
    told = await browser.sign_in()

    assert (403, "not-accepted") == (told.status_code, lines(told)[0])


async def test_an_answer_that_names_another_issuer_is_refused(
    browser: Browser, provider: ScriptedProvider
) -> None:
    code, state = provider.code_for(await browser.begin())
    asked = {"code": code, "state": state, "iss": "https://elsewhere.example"}
    told = await browser.http.get("/sign-in/callback", params=asked)
    named = {**asked, "iss": provider.issuer}

    assert (403, "refused") == (told.status_code, lines(told)[0])
    assert (await browser.http.get("/sign-in/callback", params=named)).status_code == 303


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "/ok\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "organizer",
        "/" + "a" * 1000,
        "/sign-in?to=/sign-in",
        "/sign-out",
    ],
)
async def test_a_sign_in_leads_to_our_own_pages_only(browser: Browser, to: str) -> None:
    assert "/organizer" == (await browser.sign_in(to)).headers["location"]


async def test_a_secret_is_sent_as_the_provider_takes_it(provider: ScriptedProvider) -> None:
    async with site(provider, oidc_client_secret="a b&c") as browser:
        assert (await browser.sign_in()).status_code == 303
        provider.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    async with site(provider, oidc_client_secret="a b&c") as browser:
        assert (await browser.sign_in()).status_code == 303

    assert provider.authorizations == ["Basic dGltZXM6YSUyMGIlMjZj", ""]
    assert ["", "a b&c"] == [each.get("client_secret", "") for each in provider.exchanged]


async def test_what_the_id_token_does_not_say_is_asked_of_userinfo(
    provider: ScriptedProvider,
) -> None:
    provider.claims = {"roles": None, "email": None}
    provider.documents.people = {"opaque": {"sub": "anna", "groups": ["Staff of Bridges"]}}
    async with site(provider, role_groups="organizer=Staff of Bridges") as browser:
        await browser.sign_in()
        shown = await browser.http.get("/organizer")
        provider.documents.people = {"opaque": {"sub": "bo", "groups": ["Staff of Bridges"]}}
        await browser.begin()
        browser.http.cookies.delete("__Host-bw_session")
        await browser.sign_in()
        refused = await browser.http.get("/organizer")

    assert (200, 403) == (shown.status_code, refused.status_code)


async def test_somebody_else_is_asked_for_in_the_words_of_the_provider(
    provider: ScriptedProvider,
) -> None:
    found = []
    for known in (None, ["none", "login", "consent"]):
        provider.discovery = {"prompt_values_supported": known}
        async with site(provider) as browser:
            await browser.sign_in()
            asked = {"to": "/organizer", "as": "somebody-else"}
            led = await browser.http.get("/sign-in", params=asked)
            found.append(query_of(led.headers["location"])["prompt"])

    assert ["select_account", "login"] == found


async def test_who_is_signed_in_already_goes_on_at_once(browser: Browser) -> None:
    await browser.sign_in()
    led = await browser.http.get("/sign-in", params={"to": "/organizer/form"})

    assert (303, "/organizer/form") == (led.status_code, led.headers["location"])


async def test_without_a_client_there_is_no_sign_in_and_a_page_says_so(
    provider: ScriptedProvider,
) -> None:
    async with site(provider, oidc_client_id=None) as browser:
        told = await browser.http.get("/sign-in")

    assert (503, "not-set-up") == (told.status_code, lines(told)[0])

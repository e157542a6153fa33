"""Sessions of pages: how long they last, how they end, and what becomes of a form meanwhile."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.identity.form_keys import FormFromBefore, check_session, session_key
from services.chassis.identity.sealing import Seal
from services.chassis.identity.sessions import Session, Sessions
from services.chassis.ids import person_id
from tests.unit.chassis.signing_in import (
    KEYS,
    NAMESPACE,
    SITE,
    Browser,
    ScriptedProvider,
    lines,
    scripted_provider,
    site,
)

SESSION, ENDED = "__Host-bw_session", "__Host-bw_ended"
IDLE, ABSOLUTE = timedelta(seconds=7200), timedelta(seconds=43_200)
FORM = "/organizer/form"
SESSIONS = Sessions(KEYS, NAMESPACE, idle=IDLE, absolute=ABSOLUTE)


@pytest.fixture
async def provider() -> AsyncIterator[ScriptedProvider]:
    async with scripted_provider() as started:
        yield started


@pytest.fixture
async def browser(provider: ScriptedProvider) -> AsyncIterator[Browser]:
    async with site(provider) as opened:
        yield opened


def session(begun: timedelta, used: timedelta, identity: str = "anna") -> Session:
    """Return a session that began, and was used, so long ago."""
    who = Principal(
        id=person_id(NAMESPACE, identity),
        identity=identity,
        roles=frozenset({"organizer"}),
        name=identity.capitalize(),
        email=f"{identity}@example.test",
    )
    now = datetime.now(UTC)
    begun_session = SESSIONS.begin(who, now - begun)
    return Session(begun_session.principal, begun_session.begun_at, now - used)


def keep(browser: Browser, kept: Session) -> None:
    browser.http.cookies.set(SESSION, SESSIONS.sealed(kept), domain="times.example")


async def end(browser: Browser) -> None:
    """Let the session be over."""
    live = SESSIONS.unsealed(browser.http.cookies[SESSION])
    assert live is not None
    browser.http.cookies.clear()
    keep(browser, Session(live.principal, live.begun_at, datetime.now(UTC) - IDLE))


async def post(browser: Browser, path: str = FORM, **fields: str) -> httpx.Response:
    return await browser.http.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize(
    ("begun", "used", "status"),
    [
        (timedelta(0), timedelta(0), 200),
        (IDLE, IDLE - timedelta(seconds=30), 200),
        (IDLE, IDLE, 303),
        (ABSOLUTE - timedelta(seconds=30), timedelta(0), 200),
        (ABSOLUTE, timedelta(0), 303),
    ],
)
async def test_a_session_ends_when_it_is_not_used_and_in_any_case_some_day(
    browser: Browser, begun: timedelta, used: timedelta, status: int
) -> None:
    keep(browser, session(begun, used))

    assert status == (await browser.http.get("/organizer")).status_code


async def test_a_session_that_is_used_goes_on_under_a_new_seal(browser: Browser) -> None:
    keep(browser, session(IDLE, timedelta(minutes=5)))
    before = browser.http.cookies[SESSION]
    await browser.http.get("/organizer")
    after = browser.http.cookies[SESSION]
    await browser.http.get("/organizer")
    one, other = SESSIONS.unsealed(before), SESSIONS.unsealed(after)

    assert browser.http.cookies[SESSION] == after != before
    assert one is not None
    assert other is not None
    assert (one.id, one.begun_at) == (other.id, other.begun_at)
    assert datetime.now(UTC) - other.used_at < timedelta(seconds=5)


@pytest.mark.parametrize("place", [0, 1, 20, -1])
async def test_a_session_that_was_changed_is_none(browser: Browser, place: int) -> None:
    sealed = bytearray(base64.urlsafe_b64decode(_padded(SESSIONS.sealed(session(IDLE, IDLE / 2)))))
    sealed[place] ^= 1
    changed = base64.urlsafe_b64encode(bytes(sealed)).decode().rstrip("=")
    browser.http.cookies.set(SESSION, changed, domain="times.example")

    assert SESSIONS.unsealed(changed) is None
    assert (await browser.http.get("/organizer")).status_code == 303


@pytest.mark.parametrize("text", ["", "a", "==", "é", "A" * 4000])
def test_what_is_no_seal_is_nothing(text: str) -> None:
    assert Seal(KEYS, "session").unseal(text) is None


def test_what_was_sealed_for_another_purpose_or_by_another_key_is_nothing() -> None:
    sealed = SESSIONS.sealed(session(timedelta(0), timedelta(0)))
    other = KeyRing({2: b"x" * 32})
    older = KeyRing({1: b"0123456789abcdef0123456789abcdef", 2: b"x" * 32})

    assert Seal(KEYS, "draft").unseal(sealed) is None
    assert Seal(other, "session").unseal(sealed) is None
    assert Seal(older, "session").unseal(sealed) is not None  # a new key signs; the old one reads


async def test_signing_out_ends_the_session_in_all_tabs_and_leads_to_the_provider(
    browser: Browser, provider: ScriptedProvider
) -> None:
    await browser.sign_in()
    copied = browser.http.cookies[SESSION]
    asked = await browser.http.get("/sign-out")
    still = await browser.http.get("/organizer")
    key = lines(asked)[-1].removeprefix("key: ")
    out = await post(browser, "/sign-out", form=key)
    after = await browser.http.get("/organizer")
    # A tab that was being served at that moment sets its cookie once more.
    browser.http.cookies.set(SESSION, copied, domain="times.example")
    late = await browser.http.get("/organizer")
    told = await browser.http.get("/sign-out")

    assert ("sign-out", 200) == (lines(asked)[0], still.status_code)
    assert (200, "signed-out-here") == (out.status_code, lines(out)[0])
    there = f"{provider.issuer}/out?client_id=times&post_logout_redirect_uri="
    assert lines(out)[-1].startswith(f"leads to: {there}")
    assert lines(out)[-1].endswith("https%3A%2F%2Ftimes.example%2Fsign-out")
    assert (303, 303) == (after.status_code, late.status_code)
    assert lines(told)[0] == "signed-out"
    assert (await browser.sign_in()).status_code == 303
    assert (await browser.http.get("/organizer")).status_code == 200


async def test_nobody_is_signed_out_by_a_form_of_another_site_or_session(
    browser: Browser,
) -> None:
    await browser.sign_in()
    foreign = await browser.http.post(
        "/sign-out", data={"form": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    without_key = await post(browser, "/sign-out", form="x")

    assert (403, 303, "/sign-out") == (
        foreign.status_code,
        without_key.status_code,
        without_key.headers["location"],
    )
    assert (await browser.http.get("/organizer")).status_code == 200


async def test_a_provider_without_a_place_to_sign_out_is_not_asked(
    browser: Browser, provider: ScriptedProvider
) -> None:
    provider.discovery = {"end_session_endpoint": None}
    await browser.sign_in()
    key = lines(await browser.http.get("/sign-out"))[-1].removeprefix("key: ")

    assert "signed-out" == lines(await post(browser, "/sign-out", form=key))[0]


@pytest.mark.parametrize("path", [FORM, "/organizer/save"])
async def test_what_was_typed_when_the_session_had_ended_is_in_the_form_again(
    browser: Browser, path: str
) -> None:
    await browser.sign_in()
    key = await browser.form_key()
    await end(browser)
    note = "Ærlig talt:\nsecond line " + "æ" * 500
    told = await post(browser, path, form=key, note=note)
    back = await browser.sign_in(FORM)
    shown = await browser.http.get(FORM)
    fresh = shown.text.partition("\n")[0]
    saved = await post(browser, path, form=fresh, note="Shorter")

    assert (403, "ended") == (told.status_code, lines(told)[0])
    assert "-> /sign-in?to=%2Forganizer%2Fform" in lines(told)
    assert FORM == back.headers["location"]
    assert note == shown.text.partition("\n")[2]
    assert "saved: Shorter" == saved.text
    assert "" == (await browser.http.get(FORM)).text.partition("\n")[2]


async def test_a_draft_is_shown_to_nobody_else_and_on_no_other_page(
    browser: Browser, provider: ScriptedProvider
) -> None:
    await browser.sign_in()
    key = await browser.form_key()
    await end(browser)
    await post(browser, form=key, note="Between us")
    drafts = {name: value for name, value in browser.http.cookies.items() if "draft" in name}
    provider.claims = {"sub": "bo"}
    await browser.sign_in(FORM)

    assert drafts
    assert "Between us" not in str(drafts)
    assert "" == (await browser.http.get(FORM)).text.partition("\n")[2]


async def test_a_text_that_is_too_long_to_be_kept_is_shown_to_be_copied(browser: Browser) -> None:
    await browser.sign_in()
    key = await browser.form_key()
    await end(browser)
    words = " ".join(KEYS.secret(str(number)).hex() for number in range(400))
    told = await post(browser, form=key, note=words)

    assert (403, "ended-unkept") == (told.status_code, lines(told)[0])
    assert words in told.text
    assert [] == [name for name in browser.http.cookies if "draft" in name]


async def test_what_a_stranger_sends_is_not_kept_and_a_way_on_is_shown(browser: Browser) -> None:
    told = await post(browser, form="x", note="Hello")
    empty = await post(browser, "/organizer/save", form="x")
    foreign = await browser.http.post(
        FORM, data={"note": "Hello"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (403, "ended-unkept", "needed", 403) == (
        told.status_code,
        lines(told)[0],
        lines(empty)[0],
        foreign.status_code,
    )
    assert [] == list(browser.http.cookies)


async def test_a_form_of_a_session_before_is_shown_again_with_a_new_key(browser: Browser) -> None:
    await browser.sign_in()
    key = await browser.form_key()
    browser.http.cookies.delete(SESSION)
    await browser.sign_in()  # in another tab
    led = await post(browser, form=key, note="Still here")
    shown = await browser.http.get(FORM)

    assert (303, FORM) == (led.status_code, led.headers["location"])
    assert "Still here" == shown.text.partition("\n")[2]


def test_the_key_of_a_form_is_of_one_person_session_and_action() -> None:
    anna, bo = (session(timedelta(0), timedelta(0), name).principal for name in ("anna", "bo"))
    fields = {"form": session_key(KEYS, anna, "note")}
    check_session(KEYS, fields, anna, "note")

    for who, action in (
        (replace(bo, session=anna.session), "note"),
        (replace(anna, session="another"), "note"),
        (replace(anna, session=""), "note"),
        (anna, "delete"),
    ):
        with pytest.raises(FormFromBefore):
            check_session(KEYS, fields, who, action)


async def test_forms_stay_right_when_the_same_person_signs_in_in_another_tab(
    browser: Browser, provider: ScriptedProvider
) -> None:
    one, other = await browser.begin(), await browser.begin()
    await browser.come_back(one)
    key = await browser.form_key()
    await browser.come_back(other)
    saved = await post(browser, form=key, note="Both")
    provider.claims = {"sub": "bo"}
    await browser.come_back(await browser.begin_as_somebody_else())
    refused = await post(browser, form=key, note="Anna's")

    assert ("saved: Both", 303) == (saved.text, refused.status_code)


async def test_a_form_of_somebody_else_saves_nothing(
    browser: Browser, provider: ScriptedProvider
) -> None:
    await browser.sign_in()
    key = await browser.form_key()
    browser.http.cookies.delete(SESSION)
    provider.claims = {"sub": "bo"}
    await browser.sign_in()

    assert (await post(browser, form=key, note="Anna's")).status_code == 303


async def test_without_the_role_a_page_says_so_and_offers_another_account(
    browser: Browser, provider: ScriptedProvider
) -> None:
    provider.claims = {"roles": ["operator"]}
    await browser.sign_in()
    told = await browser.http.get("/organizer")

    assert (403, "role-missing") == (told.status_code, lines(told)[0])
    assert "-> /sign-in?to=%2Forganizer&as=somebody-else" in lines(told)


async def test_a_script_is_told_instead_of_being_led_to_another_site(browser: Browser) -> None:
    told = await browser.http.get("/organizer", headers={"Sec-Fetch-Mode": "cors"})

    assert (403, "needed") == (told.status_code, lines(told)[0])


@pytest.mark.parametrize(
    ("public", "name"),
    [(SITE, SESSION), (f"{SITE}/book", f"{SESSION}-book"), (f"{SITE}/a/b", f"{SESSION}-a-b")],
)
async def test_two_deployments_on_one_host_have_cookies_of_their_own(
    provider: ScriptedProvider, public: str, name: str
) -> None:
    settings: dict[str, Any] = {"public_url": public}
    async with site(provider, **settings) as browser:
        await browser.sign_in()

        assert name in browser.http.cookies


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)

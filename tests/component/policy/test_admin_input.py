"""The administrators' pages with bad input and odd visitors: told at the field, never a fault."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.routing import Route

from services.policy.web.routers import ROUTERS
from tests.component.booking.organizer_desk import Desk
from tests.component.policy.admin_desk import (
    ADMIN,
    WHY,
    desk_of,
    plan,
    reset,
    typed_in,
    words_of,
)
from tests.component.policy.administration import Administration

ORGANIZATION, POLICY = f"{ADMIN}/organization", f"{ADMIN}/sharing/policy"
USER = f"{ADMIN}/users/somebody"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
async def desk(administration: Administration) -> AsyncIterator[Desk]:
    """Ada in front of the administrators' pages."""
    async with desk_of(administration) as opened:
        yield opened
    await reset(administration)


@pytest.mark.parametrize(
    ("path", "field", "typed", "said"),
    [
        (ORGANIZATION, "ews_allow_list", "Teams\n**", "Line 2 (**) cannot be taken"),
        (ORGANIZATION, "ews_block_list", "x" * 257, "cannot be taken"),
        (ORGANIZATION, "ews_block_list", "\n".join(f"a{n}" for n in range(1001)), "1,000 entries"),
        (ORGANIZATION, "application_id", "", "Name the application"),
        (ORGANIZATION, "application_id", "y" * 129, "Name the application"),
        (ORGANIZATION, "ews_enabled", "maybe", "cannot be taken as it is"),
        (ORGANIZATION, "mode", "whatever", "cannot be taken as it is"),
        (USER, "sharing_policy", "Nowhere", "There is no such sharing policy any more"),
        (f"{POLICY}?name=Default+Sharing+Policy", "domains", "Anonymous:Everything",
         "Line 1 (Anonymous:Everything) cannot be taken"),
        (POLICY, "name", "", "Give it a name"),
        (POLICY, "name", "z" * 129, "Give it a name"),
        (POLICY, "name", "default sharing policy", "of this name already"),
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_is_told_at_its_field_and_stays_as_typed(
    desk: Desk, administration: Administration, path: str, field: str, typed: str, said: str
) -> None:
    plans = await administration.service.rows("SELECT count(*) AS n FROM plans")
    refused = await plan(desk, path, **{field: typed})

    assert 422 == refused.status_code, words_of(refused)
    assert said in words_of(refused)
    form = typed_in(refused, refused.url.path)
    if field not in ("ews_enabled", "mode", "sharing_policy"):  # of these there are only some
        assert typed == form[field]
        assert f'href="#{field}"' in refused.text
    assert WHY == form["reason"]
    assert plans == await administration.service.rows("SELECT count(*) AS n FROM plans")


@pytest.mark.parametrize("reason", ["", "   ", "r" * 1001])
async def test_every_change_asks_why(desk: Desk, reason: str) -> None:
    refused = await plan(desk, ORGANIZATION, ews_enabled="off", reason=reason)

    assert 422 == refused.status_code
    assert "Say why, in at most 1,000 characters." in words_of(refused)
    assert "off" == typed_in(refused, ORGANIZATION)["ews_enabled"]


async def test_a_form_in_which_nothing_is_different_is_no_change(desk: Desk) -> None:
    same = await plan(desk, ORGANIZATION)

    assert 422 == same.status_code
    assert "Nothing is different from what is set" in words_of(same)


async def test_texts_that_somebody_typed_stay_texts(
    desk: Desk, administration: Administration
) -> None:
    planned = await plan(desk, USER, ews_block_list=HOSTILE, reason=HOSTILE)
    await desk.send(planned, "/apply", {"confirm": "yes"})
    pages = [planned, *[await desk.open(each) for each in (f"{ADMIN}/audit", USER, ADMIN)]]

    for page in pages:
        assert HOSTILE not in page.text
        assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/plans/0",
        "/plans/999999999",
        "/plans/99999999999999999999999",
        "/plans/one",
        "/audit/nothing",
        "/audit/01a22c6f-0000-7000-8000-000000000000",
        "/sharing/policy?name=Nowhere",
        "/nothing-here",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(desk: Desk, path: str) -> None:
    page = await desk.open(ADMIN + path)

    assert 404 == page.status_code
    assert "There is nothing here" in words_of(page)
    assert 'href="/admin"' in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/users?q=%00%01%27%25_\\", 200),
        ("/users?q=" + "x" * 3000, 200),
        ("/users?state=sideways", 200),
        ("/users?cursor=sideways", 422),
        ("/users/%00", 404),
        ("/users/somebody?as_of=9999-12-31T23:59:59-12:00", 200),
        ("/users/somebody?as_of=0001-01-01T00:00%2B14:00", 200),
        ("/users/somebody?plan=x&tz=Nowhere&lang=xx", 200),
        ("/organization?plan=99999999999999999999", 200),
        ("/audit?cursor=sideways&what=sideways&outcome=x", 200),
        ("/audit?from=never", 422),
    ],
)
async def test_odd_addresses_are_no_fault(desk: Desk, path: str, status: int) -> None:
    assert status == (await desk.open(ADMIN + path)).status_code


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 5000, "99999999999999999999"])
async def test_a_version_that_is_none_is_an_old_one(
    desk: Desk, administration: Administration, version: str
) -> None:
    await administration.change("/organization", "A test", EwsBlockList=["Teams"])
    late = await plan(desk, ORGANIZATION, ews_enabled="off", version=version)

    assert late.status_code in (303, 412, 200)


async def test_no_page_changes_anything_by_being_looked_at(
    desk: Desk, administration: Administration
) -> None:
    planned = await plan(desk, USER, ews_enabled="off")
    await desk.send(planned, "/apply")
    number = planned.url.path.rpartition("/")[2]
    [row] = await administration.service.rows(
        "SELECT id::text FROM events WHERE type = 'UserPolicyChanged' ORDER BY id DESC LIMIT 1"
    )
    names = {"user": str(administration.sign_in.id_of("somebody")), "number": number,
             "change": row["id"]}  # fmt: skip
    before = await counts(administration)
    paths = [
        each.path.format(**names)
        for router in ROUTERS
        for each in router.routes
        if isinstance(each, Route) and "GET" in (each.methods or ())
    ]
    answers = {path: (await desk.open(path)).status_code for path in paths}

    assert {200} == set(answers.values()), answers
    assert len(paths) >= 10
    assert before == await counts(administration)


async def counts(administration: Administration) -> list[dict[str, Any]]:
    return await administration.service.rows(
        "SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM plans) AS plans,"
        " (SELECT count(*) FROM plans WHERE applied_at IS NOT NULL) AS applied,"
        " (SELECT count(*) FROM users) AS users"
    )


async def test_who_has_not_the_role_is_told_how_to_get_it(administration: Administration) -> None:
    async with desk_of(administration, "otto", "operator", "organizer") as otto:
        page = await otto.open(ORGANIZATION)
        sent = await otto.http.post(ORGANIZATION, data={"ews_enabled": "off", "reason": "My text"})

    assert (403, 403) == (page.status_code, sent.status_code)
    assert "does not have the role administrator" in words_of(page)
    assert "My text" in sent.text
    assert "/sign-in?to=%2Fadmin%2Forganization&amp;as=somebody-else" in page.text


@pytest.mark.parametrize("role", ["organizer", "operator"])
async def test_each_page_and_form_is_for_administrators_alone(
    administration: Administration, role: str
) -> None:
    before = await counts(administration)
    async with desk_of(administration, f"some-{role}", role) as other:
        answers = {
            (method, route.path): await other.http.request(
                method,
                re.sub(r"{[^}]*}", "1", route.path),
                data={"form": "x", "ews_enabled": "off"} if method == "POST" else None,
            )
            for router in ROUTERS
            for route in router.routes
            if isinstance(route, Route)
            for method in (route.methods or set()) - {"HEAD"}
        }

    assert {403} == {answer.status_code for answer in answers.values()}
    assert {"POST", "GET"} == {method for method, _ in answers}
    assert all("This page is for administrators" in each.text for each in answers.values() if
               each.request.method == "GET")  # fmt: skip
    assert before == await counts(administration)


async def test_who_is_signed_out_signs_in_and_finds_what_was_typed(
    administration: Administration,
) -> None:
    async with desk_of(administration) as desk:
        page = await desk.open(ORGANIZATION)
        async with desk_of(administration, begun=13 * 3600) as before:
            desk.http.cookies.delete("__Host-bw_session")
            cookie = before.http.cookies["__Host-bw_session"]
            desk.http.cookies.set("__Host-bw_session", cookie)
        typed = {"ews_allow_list": "Teams", "reason": "Half of it", "ews_enabled": "on"}
        ended = await desk.send(page, ORGANIZATION, typed)
        async with desk_of(administration) as again:
            cookie = again.http.cookies["__Host-bw_session"]
        desk.http.cookies.delete("__Host-bw_session")
        desk.http.cookies.set("__Host-bw_session", cookie)
        back = await desk.open(ORGANIZATION)
        desk.http.cookies.clear()
        desk.http.follow_redirects = False
        stranger = await desk.http.get(f"{ADMIN}/audit", headers={"Accept": "text/html"})

    assert 403 == ended.status_code
    assert "Your session has ended" in words_of(ended)
    kept = typed_in(back, ORGANIZATION)
    assert ("Teams", "Half of it", "on") == (
        kept["ews_allow_list"],
        kept["reason"],
        kept["ews_enabled"],
    )
    assert (303, "/sign-in?to=%2Fadmin%2Faudit") == (
        stranger.status_code,
        stranger.headers["location"],
    )


async def test_a_form_of_another_page_or_session_makes_no_plan(
    desk: Desk, administration: Administration
) -> None:
    plans = await administration.service.rows("SELECT count(*) AS n FROM plans")
    users = typed_in(await desk.open(USER), str(administration.sign_in.id_of("somebody")))
    shown = await desk.http.post(
        ORGANIZATION, data={"form": users["form"], "ews_enabled": "off", "reason": "Kept"}
    )
    elsewhere = await desk.http.post(
        ORGANIZATION,
        data={"form": "x", "ews_enabled": "off", "reason": "From elsewhere"},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )

    assert "Kept" == typed_in(shown, ORGANIZATION)["reason"]
    assert 403 == elsewhere.status_code
    assert "This form is too old" in words_of(elsewhere)
    assert plans == await administration.service.rows("SELECT count(*) AS n FROM plans")


async def test_a_form_is_shown_in_the_other_language_with_what_was_typed(desk: Desk) -> None:
    page = await desk.open(ORGANIZATION)
    form = {**typed_in(page, ORGANIZATION), "ews_allow_list": "Teams", "ask": "da"}
    danish = await desk.http.post(ORGANIZATION, data=form)

    assert "Hvad der gælder" in words_of(danish)
    assert "Teams" == typed_in(danish, ORGANIZATION)["ews_allow_list"]


async def test_pages_are_not_kept_framed_or_scripted_by_others(desk: Desk) -> None:
    for path in (ADMIN, ORGANIZATION, USER, f"{ADMIN}/nothing"):
        headers = (await desk.open(path)).headers
        assert "no-store" == headers["cache-control"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "same-origin" == headers["referrer-policy"]


async def test_a_form_that_is_too_large_is_a_page(desk: Desk) -> None:
    refused = await plan(desk, ORGANIZATION, ews_block_list="application\n" * 10_000)

    assert 413 == refused.status_code
    assert "That was too much" in words_of(refused)

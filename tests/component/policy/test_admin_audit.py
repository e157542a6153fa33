"""The audit on the administrators' pages: filters, pages of it, refused attempts, the CSV file."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.component.booking.organizer_desk import Desk
from tests.component.policy.admin_desk import ADMIN, apply, desk_of, plan, words_of
from tests.component.policy.administration import Administration, User

AUDIT = f"{ADMIN}/audit"


@pytest.fixture
async def desk(administration: Administration) -> AsyncIterator[Desk]:
    """Ada in front of the administrators' pages."""
    async with desk_of(administration) as opened:
        yield opened


async def changed(administration: Administration, reason: str) -> User:
    """Return a user whose settings were changed for that reason."""
    user = administration.user()
    await administration.change(f"/users/{user.id}", reason, EwsBlockList=["Teams"])
    return user


async def test_changes_are_found_by_who_whom_what_and_outcome(
    desk: Desk, administration: Administration
) -> None:
    one, other = [await changed(administration, f"Because of {name}") for name in ("one", "other")]
    by_whom = await desk.open(f"{AUDIT}?whom={one.identity}")
    by_id = await desk.open(f"{AUDIT}?whom={other.id}&who=ada&what=user&outcome=made")
    by_nobody = await desk.open(f"{AUDIT}?whom={one.id}&who=nobody-at-all")
    of_others = await desk.open(f"{AUDIT}?whom={one.id}&what=organization")

    assert "Because of one" in words_of(by_whom)
    assert "Because of other" not in words_of(by_whom)
    assert "Because of other" in words_of(by_id)
    for nothing in (by_nobody, of_others):
        assert "Nothing was found" in words_of(nothing)


async def test_changes_are_found_by_days_of_the_readers_own_zone(
    desk: Desk, administration: Administration
) -> None:
    user = await changed(administration, "Today")
    today = datetime.now(UTC).date()
    days = {
        "today": f"from={today}&to={today + timedelta(days=1)}",
        "later": f"from={today + timedelta(days=2)}",
        "before": f"to={today - timedelta(days=2)}",
    }
    found = {
        name: "Reason: Today" in words_of(await desk.open(f"{AUDIT}?whom={user.id}&{asked}"))
        for name, asked in days.items()
    }
    wrong = await desk.open(f"{AUDIT}?from=yesterday&who=ada")
    edges = await desk.open(f"{AUDIT}?from=0001-01-01&to=9999-12-31&tz=Pacific/Kiritimati")

    assert {"today": True, "later": False, "before": False} == found
    assert 422 == wrong.status_code
    assert "Type a day such as" in words_of(wrong)
    assert 'value="yesterday"' in wrong.text
    assert 200 == edges.status_code


async def test_refused_attempts_are_shown_with_why_and_from_where(
    desk: Desk, administration: Administration
) -> None:
    user = administration.user()
    refused = await administration.call(
        "PATCH", f"/users/{user.id}", {"EwsEnabled": False}, If_Match="*"
    )
    on_page = await desk.send(
        await desk.open(f"{ADMIN}/users/{user.id}"), str(user.id), {"ews_enabled": "off"}
    )
    shown = words_of(await desk.open(f"{AUDIT}?whom={user.id}&outcome=refused"))

    assert (422, 422) == (refused.status_code, on_page.status_code)
    assert f"Settings of {user.id} Refused Answer: Say why" in shown
    assert "By the API" in shown


async def test_a_change_on_a_page_is_marked_so_and_leads_to_its_undoing(
    desk: Desk, administration: Administration
) -> None:
    user = administration.user()
    await apply(desk, await plan(desk, f"{ADMIN}/users/{user.id}", ews_enabled="off"))
    shown = await desk.open(f"{AUDIT}?whom={user.id}")
    [row] = await administration.service.rows(
        "SELECT id::text FROM events WHERE type = 'UserPolicyChanged' ORDER BY id DESC LIMIT 1"
    )

    assert "On these pages" in words_of(shown)
    assert f'href="/admin/audit/{row["id"]}"' in shown.text


async def test_the_audit_is_read_in_pages_without_a_gap(
    desk: Desk, administration: Administration
) -> None:
    mark = uuid4().hex
    rows = [{"user": f"{mark}-{number}", "EwsEnabled": True} for number in range(60)]
    body = {"users": rows, "reason": mark}
    assert 200 == (await administration.call("PUT", "/users:import", body)).status_code
    seen, address = 0, f"{AUDIT}?what=user&outcome=made"
    while seen < 60:
        page = await desk.open(address)
        seen += page.text.count(f"<bdi>{mark}</bdi>")
        _, more, rest = page.text.partition('href="/admin/audit?what=user')
        assert more or seen == 60
        address = f"{AUDIT}?what=user{rest.partition(chr(34))[0].replace('&amp;', '&')}"

    assert 60 == seen


async def test_the_file_has_what_the_filters_leave_and_no_formula(
    desk: Desk, administration: Administration
) -> None:
    user = await changed(administration, '=HYPERLINK("https://evil.example")')
    answer = await desk.open(f"{AUDIT}.csv?whom={user.id}")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    wrong = await desk.http.get(f"{AUDIT}.csv?from=never", follow_redirects=False)

    assert "text/csv; charset=utf-8" == answer.headers["content-type"]
    assert 'attachment; filename="audit.csv"' == answer.headers["content-disposition"]
    assert "no-store" == answer.headers["cache-control"]
    assert [(str(user.id), '\'=HYPERLINK("https://evil.example")')] == [
        (row["whom"], row["why"]) for row in rows
    ]
    assert (303, "/admin/audit?from=never") == (wrong.status_code, wrong.headers["location"])

"""The audit: every change and every refused attempt, with who, when, from where, why."""

import csv
import io
import itertools
from typing import Any

import pytest

from services.policy import attempts
from tests.component.policy.admin_desk import WHY, apply, desk_of, plan
from tests.component.policy.administration import Administration, problem
from tests.component.policy.provisioning import TOKEN

numbers = itertools.count(1)


async def audit(administration: Administration, **asked: Any) -> list[dict[str, Any]]:
    """Return the records that are asked for, read page by page."""
    query = {"limit": 200, **{name.rstrip("_"): value for name, value in asked.items()}}
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = await administration.service.http.get(
            "/api/policy/v1/audit",
            params={**query, **({"cursor": cursor} if cursor else {})},
            headers=administration.ada,
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def ada_id(administration: Administration) -> str:
    return str(administration.sign_in.id_of("ada"))


async def test_a_change_is_recorded_with_who_whom_why_and_where_from(
    administration: Administration,
) -> None:
    user = administration.user()
    tag = (await administration.call("GET", f"/users/{user.id}")).headers["etag"]
    changed = await administration.call(
        "PATCH",
        f"/users/{user.id}",
        {"EwsEnabled": False, "reason": "On leave"},
        If_Match=tag,
        User_Agent="bookwith/1.0",
        X_Forwarded_For="198.51.100.1, 203.0.113.77",
    )
    [record] = await audit(administration, whom=user.identity)

    assert changed.status_code == 200
    assert ("made", "user", str(user.id), "On leave") == (
        record["outcome"],
        record["what"],
        record["user_id"],
        record["why"],
    )
    assert ada_id(administration) == record["who"]
    assert {"way": "command_line", "network": "203.0.113.0/24"} == record["origin"]
    assert changed.headers["x-correlation-id"] == record["correlation_id"]
    assert (None, False) == (record["before"]["ews_enabled"], record["after"]["ews_enabled"])
    assert record["attempt"] is None


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[int, str]]] = {
    "without a precondition": (
        {},
        {"EwsEnabled": False, "reason": "No tag"},
        (428, "/problems/precondition-required"),
    ),
    "behind another change": (
        {"If_Match": '"77"'},
        {"EwsEnabled": False, "reason": "Stale"},
        (412, "/problems/version-conflict"),
    ),
    "with an unknown field": (
        {"If_Match": "*"},
        {"EwsEnabled": False, "colour": "red", "reason": "Wrong"},
        (422, "/problems/invalid"),
    ),
    "without a reason": ({"If_Match": "*"}, {"EwsEnabled": False}, (422, "/problems/invalid")),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_a_refused_attempt_is_recorded_with_what_was_asked_for(
    administration: Administration, kind: str
) -> None:
    headers, body, wanted = REFUSED[kind]
    user = administration.user()
    path = f"/users/{user.id}"
    answer = await administration.call("PATCH", path, body, **headers)
    [record] = await audit(administration, whom=str(user.id))

    assert wanted[0] == answer.status_code
    assert ("refused", "user", ada_id(administration)) == (
        record["outcome"],
        record["what"],
        record["who"],
    )
    assert body.get("reason", "") == record["why"]
    assert (None, None) == (record["before"], record["after"])
    assert wanted == (record["attempt"]["status"], record["attempt"]["problem"])
    assert {"EwsEnabled": False} == record["attempt"]["asked"]
    assert answer.json()["detail"] == record["attempt"]["detail"]


async def test_a_warning_that_nobody_has_consented_to_is_a_refused_attempt(
    administration: Administration,
) -> None:
    body = {"EwsEnabled": False, "reason": "Closing time", "confirm": False}
    answer = await administration.call("PATCH", "/organization", body, If_Match="*")
    record = (await audit(administration, what="organization", outcome="refused"))[-1]

    assert (409, "confirmation-required") == problem(answer)
    assert "/problems/confirmation-required" == record["attempt"]["problem"]
    assert "Closing time" == record["why"]


async def test_whoever_lacks_the_role_is_recorded_a_bounded_number_of_times(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.BUDGETS, "other", 3)
    nosy = f"nosy-{next(numbers)}"
    by = administration.sign_in.signed_in(nosy, "organizer")
    body = {"EwsEnabled": False, "reason": "Mine"}
    answers = [
        await administration.call("PATCH", "/organization", body, by=by, If_Match="*")
        for _ in range(5)
    ]
    records = await audit(administration, who=nosy)

    assert [403] * 5 == [each.status_code for each in answers]
    assert [False, False, True] == [each["attempt"]["last_of_budget"] for each in records]
    assert {("organization", "Mine")} == {(each["what"], each["why"]) for each in records}


async def test_nobody_and_whoever_reads_leave_no_record(administration: Administration) -> None:
    before = len(await audit(administration))
    body = {"EwsEnabled": False, "reason": "Mine"}
    nobody = await administration.call("PATCH", "/organization", body, by={}, If_Match="*")
    by = administration.sign_in.signed_in("nosy", "organizer")
    reads = await administration.call("GET", "/audit", by=by)
    nowhere = await administration.call("PATCH", "/there-is-nothing", body)

    assert (401, 403, 404) == (nobody.status_code, reads.status_code, nowhere.status_code)
    assert before == len(await audit(administration))


async def test_an_import_that_is_refused_is_recorded_by_its_size_and_without_names(
    administration: Administration,
) -> None:
    rows = [{"user": f"secret-name-{n}", "EwsEnabled": True, "mail": "x@y.example"} for n in "ab"]
    body = {"users": [*rows, {"user": "secret-name-a"}], "reason": "Twice"}
    answer = await administration.call("PUT", "/users:import", body)
    record = (await audit(administration, what="users"))[-1]

    assert 422 == answer.status_code
    assert {"users": 3} == record["attempt"]["asked"]
    assert "import" == record["origin"]["way"]
    assert "secret-name" not in str(record["attempt"]["asked"])


async def test_an_import_is_one_record_for_each_user_that_it_changes(
    administration: Administration,
) -> None:
    users = [administration.user() for _ in range(3)]
    rows = [{"user": user.identity, "EwsEnabled": False} for user in users]
    answer = await administration.call("PUT", "/users:import", {"users": rows, "reason": "Hired"})
    found = [await audit(administration, whom=user.identity) for user in users]

    assert 200 == answer.status_code, answer.text
    assert [["Hired"]] * 3 == [[each["why"] for each in records] for records in found]
    assert {"import"} == {each["origin"]["way"] for records in found for each in records}


@pytest.mark.parametrize(
    "body",
    [
        b'{"EwsEnabled": "\\ud800", "reason": "a\\u0000b\\udfff"}',
        b'{"EwsEnabled": NaN, "mode": 1e999, "reason": "r"}',
        b'{"EwsEnabled": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"EwsEnabled": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"EwsEnabled": ' + b"9" * 5000 + b"}",
        b'["EwsEnabled"]',
        b"\xff\xfe",
        b"EwsEnabled=false",
    ],
)
async def test_whatever_is_sent_is_recorded_and_the_answer_stays_what_it_was(
    administration: Administration, body: bytes
) -> None:
    user = administration.user()
    answer = await administration.service.http.request(
        "PATCH",
        f"/api/policy/v1/users/{user.id}",
        content=body,
        headers={**administration.ada, "If-Match": "*", "Content-Type": "application/json"},
    )
    [record] = await audit(administration, whom=str(user.id))

    assert 422 == answer.status_code
    assert 422 == record["attempt"]["status"]


async def test_the_audit_is_found_by_who_whom_what_outcome_and_time(
    administration: Administration,
) -> None:
    user, other = administration.user(), administration.user()
    eve = f"eve-{next(numbers)}"
    as_eve = administration.sign_in.signed_in(eve, "administrator")
    for each, by in ((user, administration.ada), (other, as_eve)):
        for switch in (False, True):
            body = {"EwsEnabled": switch, "reason": f"Switched {switch}"}
            path = f"/users/{each.id}"
            answer = await administration.call("PATCH", path, body, by=by, If_Match="*")
            assert 200 == answer.status_code, answer.text
    first, second = await audit(administration, whom=str(user.id))
    newest = await audit(administration, whom=user.identity, order="newest", limit=1)
    by_eve = await audit(administration, who=eve)
    window = {"from_": second["when"], "to": second["when"]}

    assert [second["id"], first["id"]] == [each["id"] for each in newest]
    assert {str(other.id)} == {each["user_id"] for each in by_eve}
    assert [second["id"]] == [
        each["id"] for each in await audit(administration, whom=str(user.id), from_=second["when"])
    ]
    assert [first["id"]] == [
        each["id"] for each in await audit(administration, whom=str(user.id), to=second["when"])
    ]
    assert [] == await audit(administration, whom=str(user.id), **window)
    assert [] == await audit(administration, whom=str(user.id), outcome="refused")
    assert [] == await audit(administration, whom=str(user.id), what="organization")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=yesterday", "#/query/from"),
        ("to=2027-01-01T00:00:00", "#/query/to"),
        ("outcome=perhaps", "#/query/outcome"),
        ("order=sideways", "#/query/order"),
        ("limit=201", "#/query/limit"),
        ("cursor=5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11", "#/query/cursor"),
        ("cursor=x", "#/query/cursor"),
        ("colour=red", "#/query/colour"),
    ],
)
async def test_a_filter_that_is_none_is_named(
    administration: Administration, query: str, pointer: str
) -> None:
    answer = await administration.call("GET", f"/audit?{query}")

    assert (422, "invalid") == problem(answer)
    assert [pointer] == [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_moments_beyond_all_days_are_taken(
    administration: Administration, moment: str
) -> None:
    answer = await administration.service.http.get(
        "/api/policy/v1/audit", params={"from": moment, "to": moment}, headers=administration.ada
    )

    assert (200, []) == (answer.status_code, answer.json()["items"])


async def test_the_export_has_all_records_of_the_filter_and_no_formula(
    administration: Administration,
) -> None:
    user = administration.user()
    reason = "=HYPERLINK(1)"
    for switch in (False, True):
        body = {"EwsEnabled": switch, "reason": reason}
        answer = await administration.call("PATCH", f"/users/{user.id}", body, If_Match="*")
        assert 200 == answer.status_code, answer.text
    answer = await administration.call("GET", f"/audit/export?whom={user.id}&order=newest")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    assert ("text/csv; charset=utf-8", 'attachment; filename="audit.csv"') == (
        answer.headers["content-type"],
        answer.headers["content-disposition"],
    )
    assert [f"'{reason}"] * 2 == [row["why"] for row in rows]
    assert [str(user.id)] * 2 == [row["whom"] for row in rows]
    assert int(rows[0]["number"]) > int(rows[1]["number"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET record = record",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "TRUNCATE events",
        "UPDATE audit SET who = 'nobody'",
    ],
)
async def test_the_database_refuses_to_change_the_audit(
    administration: Administration, statement: str
) -> None:
    await administration.change("/organization", EwsEnabled=False)
    before = await administration.service.rows("SELECT * FROM audit ORDER BY number")

    with pytest.raises(Exception, match=r"never changed|can only be updated to DEFAULT|denied"):
        await administration.service.rows(statement)

    assert before == await administration.service.rows("SELECT * FROM audit ORDER BY number")


async def test_what_a_provisioning_client_is_refused_is_recorded_without_what_it_has_sent(
    administration: Administration,
) -> None:
    user = administration.user()
    answer = await administration.service.http.request(
        "PATCH",
        f"/scim/v2/Users/{user.id}",
        json={"schemas": ["x"], "active": "perhaps", "displayName": "Secret Name"},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    stranger = await administration.service.http.request(
        "PATCH",
        f"/scim/v2/Users/{user.id}",
        json={"active": False},
        headers={"Authorization": "Bearer guessed"},
    )
    [record] = await audit(administration, whom=str(user.id))

    assert (True, 401) == (answer.status_code in (400, 404), stranger.status_code)
    assert ("refused", "scim", "user", "scim") == (
        record["outcome"],
        record["who"],
        record["what"],
        record["origin"]["way"],
    )
    assert "Secret Name" not in str(record)


async def test_attempts_on_the_pages_are_recorded_too(administration: Administration) -> None:
    nosy = f"nosy-{next(numbers)}"
    async with desk_of(administration) as desk:
        without_reason = await plan(desk, "/admin/organization", ews_enabled="off", reason="")
        await apply(desk, await plan(desk, "/admin/organization", bookings_enabled="off"))
    async with desk_of(administration, nosy, "organizer") as desk:
        body = {"ews_enabled": "off", "reason": "Mine"}
        no_role = await desk.http.post("/admin/organization", data=body)
    newest = {"what": "organization", "order": "newest"}
    refused = (await audit(administration, who="ada", outcome="refused", **newest))[0]
    made = (await audit(administration, who="ada", outcome="made", **newest))[0]
    [of_nosy] = await audit(administration, who=nosy)

    assert (422, 403) == (without_reason.status_code, no_role.status_code)
    assert ("page", 422, "") == (
        refused["origin"]["way"],
        refused["attempt"]["status"],
        refused["why"],
    )
    assert ("page", WHY) == (made["origin"]["way"], made["why"])
    assert ("organization", "Mine", 403) == (
        of_nosy["what"],
        of_nosy["why"],
        of_nosy["attempt"]["status"],
    )


@pytest.mark.parametrize("name", ["who", "whom", "what"])
@pytest.mark.parametrize("place", ["/audit", "/audit/export"])
async def test_a_filter_that_no_record_can_have_is_refused(
    administration: Administration, place: str, name: str
) -> None:
    answer = await administration.call("GET", f"{place}?{name}=a%00b")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/query/{name}"

"""The administrators' switches: who may change them, how, and the record of each change."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.ids import new_id
from tests.component.policy.administration import ORGANIZATION, Administration, problem

# organization, user: on by the rule of both, on by the older rule
TABLE = [
    (True, True, True, True),
    (True, None, True, True),
    (True, False, False, False),
    (None, True, True, True),
    (None, None, True, True),
    (None, False, False, False),
    (False, True, False, True),
    (False, None, False, False),
    (False, False, False, False),
]


BODIES = {"/users:import": {"users": [{"user": "somebody"}]}}


async def test_the_two_switches_decide_as_the_table_says(administration: Administration) -> None:
    users = {switch: await administration.known(switch) for switch in (True, None, False)}
    found = []

    for organization, user, _, _ in TABLE:
        verdicts = []
        for mode in ("both_must_allow", "user_overrides_org"):
            await administration.organization(organization, mode)
            answer = await administration.call("GET", f"/users/{users[user].id}/effective")
            verdicts.append(answer.json()["enabled"])
        found.append((organization, user, *verdicts))

    assert TABLE == found


@pytest.mark.parametrize(
    ("organization", "user", "rule"),
    [
        (False, True, {"verdict": False, "decided_by": "organization", "value": False}),
        (True, False, {"verdict": False, "decided_by": "user", "value": False}),
        (True, None, {"verdict": True, "decided_by": "organization", "value": True}),
        (None, None, {"verdict": True, "decided_by": "default", "value": None}),
    ],
)
async def test_the_effective_state_names_whose_setting_decided(
    administration: Administration, organization: Any, user: Any, rule: dict[str, Any]
) -> None:
    known = await administration.known(user)
    await administration.organization(organization)

    by_id = await administration.call("GET", f"/users/{known.id}/effective")
    by_identity = await administration.call("GET", f"/users/{known.identity}/effective")

    seen = by_id.json()
    assert rule["verdict"] == seen["enabled"]
    assert {"rule": "ews_enabled", "matched": None, **rule} == seen["rules"][0]
    assert "ews_enabled" == seen["deciding_rule"]
    assert seen["denied_by"] == ([] if rule["verdict"] else ["ews_enabled"])
    assert by_id.json() == by_identity.json()


async def test_an_identity_may_look_like_an_id(administration: Administration) -> None:
    identity = str(uuid4())  # as many providers name people
    person = administration.sign_in.id_of(identity)

    for name in (identity, person):
        seen = await administration.call("GET", f"/users/{name}")
        assert str(person) == seen.json()["id"]


async def test_an_unknown_user_has_an_effective_state_and_reading_it_causes_no_event(
    administration: Administration,
) -> None:
    user = administration.user()

    seen = await administration.call("GET", f"/users/{user.identity}")

    assert (str(user.id), None, True) == (
        seen.json()["id"],
        seen.json()["EwsEnabled"],
        seen.json()["effective"]["enabled"],
    )
    assert seen.headers["etag"].startswith('"0-')
    assert [] == await administration.events(user.id)


async def test_a_change_names_the_version_that_it_changes(administration: Administration) -> None:
    user = await administration.known()
    for path in ("/organization", f"/users/{user.id}"):
        tag = (await administration.call("GET", path)).headers["etag"]
        body = {"EwsEnabled": True, "reason": "A test"}

        without = await administration.call("PATCH", path, body)
        first = await administration.call("PATCH", path, body, If_Match=tag)
        retried = await administration.call("PATCH", path, body, If_Match=tag)
        stale = await administration.call(
            "PATCH", path, {**body, "EwsEnabled": False}, If_Match=tag
        )
        nonsense = await administration.call("PATCH", path, body, If_Match='"x"')

        assert (428, "precondition-required") == problem(without)
        assert (200, True) == (first.status_code, first.json()["EwsEnabled"])
        assert (200, first.headers["etag"]) == (retried.status_code, retried.headers["etag"])
        assert first.headers["etag"] != tag
        assert (412, "version-conflict") == problem(stale) == problem(nonsense)
        seen = await administration.call("GET", path)
        assert (True, first.headers["etag"]) == (seen.json()["EwsEnabled"], seen.headers["etag"])


async def test_one_of_two_simultaneous_changes_is_refused_as_a_version_conflict(
    administration: Administration,
) -> None:
    tag = (await administration.call("GET", "/organization")).headers["etag"]

    answers = await asyncio.gather(
        *(
            administration.call(
                "PATCH",
                "/organization",
                {"EwsEnabled": switch, "reason": "At once", "confirm": True},
                If_Match=tag,
            )
            for switch in (True, False)
        )
    )

    assert [200, 412] == sorted(answer.status_code for answer in answers)


async def test_a_change_without_a_reason_is_refused(administration: Administration) -> None:
    user = await administration.known()
    for path in ("/organization", f"/users/{user.id}"):
        tag = (await administration.call("GET", path)).headers["etag"]
        for reason in ({}, {"reason": ""}, {"reason": "  \n"}):
            answer = await administration.call(
                "PATCH", path, {"EwsEnabled": False, **reason}, If_Match=tag
            )
            assert (422, "invalid") == problem(answer)
            assert ["#/reason"] == [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"EwsEnabled": "perhaps"}, "#/EwsEnabled"),
        ({"EwsEnable": True}, "#/EwsEnable"),
        ({"mode": "anything_goes"}, "#/mode"),
        ({"EwsEnabled": True, "reason": "x" * 1001}, "#/reason"),
        ({"EwsEnabled": True, "reason": "a\x00b"}, "#/reason"),
    ],
)
async def test_a_malformed_change_is_answered_with_a_pointer(
    administration: Administration, body: dict[str, Any], pointer: str
) -> None:
    tag = (await administration.call("GET", "/organization")).headers["etag"]

    answer = await administration.call("PATCH", "/organization", body, If_Match=tag)

    assert (422, "invalid") == problem(answer)
    assert [pointer] == [fault["pointer"] for fault in answer.json()["errors"]]


async def test_a_setting_left_out_stays_and_null_empties_it(administration: Administration) -> None:
    await administration.organization(False)

    kept = await administration.change("/organization", mode="user_overrides_org")
    emptied = await administration.change("/organization", EwsEnabled=None)

    assert (False, "user_overrides_org") == (kept["EwsEnabled"], kept["mode"])
    assert (None, "user_overrides_org") == (emptied["EwsEnabled"], emptied["mode"])


async def test_repeating_a_change_that_is_in_effect_writes_nothing(
    administration: Administration,
) -> None:
    user = await administration.known(False)
    await administration.organization(True)
    before = [await administration.events(key) for key in (ORGANIZATION, user.id)]

    await administration.change("/organization", reason="", EwsEnabled=True)
    await administration.change(f"/users/{user.id}", reason="", EwsEnabled=False)

    assert before == [await administration.events(key) for key in (ORGANIZATION, user.id)]


async def test_a_change_that_is_sent_again_has_the_same_answer(
    administration: Administration,
) -> None:
    user = administration.user()
    path, key = f"/users/{user.id}", new_id().hex
    body = {"EwsEnabled": False, "reason": "Left the house"}
    by = administration.ada

    answers = [
        await administration.call("PATCH", path, body, by=by, If_Match='"0"', Idempotency_Key=key)
        for _ in range(2)
    ]

    assert [200, 200] == [answer.status_code for answer in answers]
    assert answers[0].json() == answers[1].json()
    assert "true" == answers[1].headers["idempotent-replayed"]
    assert ["UserPolicyChanged", "AccessWithdrawn"] == await administration.events(user.id)


async def test_only_administrators_see_or_change_anything(
    administration: Administration,
) -> None:
    document = (await administration.service.http.get("/openapi.json")).json()
    routes = [
        (
            method.upper(),
            path.removeprefix("/api/policy/v1").format(
                user="somebody", name="Any", number=1, change_id=uuid4(), import_id="import-1"
            ),
        )
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith("/api/policy/v1") and "/operator/" not in path
    ]
    callers = {
        (401, "unauthenticated"): [{}, {"Authorization": "Bearer nonsense"}],
        (403, "forbidden"): [
            administration.sign_in.signed_in("anna", "organizer"),
            administration.sign_in.signed_in("otto", "operator"),
            administration.sign_in.signed_in("ada"),
        ],
    }

    for method, path in routes:
        body = BODIES.get(path, {"reason": "x"}) if method != "GET" else None
        for wanted, headers in callers.items():
            for by in headers:
                answer = await administration.call(method, path, body, by=by, If_Match='"0"')
                assert wanted == problem(answer), (method, path)

    assert 16 == len(routes)
    assert (404, "not-found") == problem(await administration.call("GET", "/user"))


async def test_the_audit_has_every_change_with_its_author_time_reason_and_settings(
    administration: Administration,
) -> None:
    user = await administration.known()
    await administration.change(f"/users/{user.id}", reason="On leave", EwsEnabled=False)
    await administration.change("/organization", reason="A pilot", EwsEnabled=True)
    changes = await administration.service.rows(
        "SELECT id::text FROM events WHERE type LIKE '%%PolicyChanged'"
    )

    items: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = (await administration.call("GET", f"/audit?outcome=made&limit=7{cursor}")).json()
        assert len(page["items"]) <= 7
        items += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    ada = str(administration.sign_in.id_of("ada"))
    of_user, of_organization = items[-2:]
    numbers = [item["number"] for item in items]
    assert sorted(change["id"] for change in changes) == sorted(item["id"] for item in items)
    assert sorted(numbers) == numbers
    assert {ada} == {item["who"] for item in (of_user, of_organization)}
    assert ("user", str(user.id), "On leave", None, False) == (
        of_user["what"],
        of_user["user_id"],
        of_user["why"],
        of_user["before"]["ews_enabled"],
        of_user["after"]["ews_enabled"],
    )
    assert ("organization", None, "A pilot", None, True) == (
        of_organization["what"],
        of_organization["user_id"],
        of_organization["why"],
        of_organization["before"]["ews_enabled"],
        of_organization["after"]["ews_enabled"],
    )
    age = datetime.now(UTC) - datetime.fromisoformat(of_organization["when"])
    assert age < timedelta(seconds=10)

"""Verifying the audit: it is whole after all that is done to policy, and each break is named."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from services.policy.audit_verification import DECISIONS, verify
from services.policy.domain.audit_chain import AuditFault, Head
from services.policy.store import ORGANIZATION, ROLLOUT, USER
from tests.component.policy.administration import Administration, problem

VERIFICATION = "/operator/audit-verification"


async def verified(administration: Administration, **asked: Any) -> dict[str, Any]:
    """Return what verifying by pages finds, as an operator does it."""
    by = administration.sign_in.signed_in("otto", "operator")
    records, faults, after = 0, [], str(Head())
    while True:
        answer = await administration.service.http.get(
            f"/api/policy/v1{VERIFICATION}", params={"after": after, **asked}, headers=by
        )
        assert 200 == answer.status_code, answer.text
        page = answer.json()
        records, after = records + page["records"], page["head"]
        faults += page["faults"]
        if not page["more"]:
            return {"records": records, "head": after, "faults": faults}


async def test_the_audit_is_whole_and_one_page_finds_what_many_find(
    administration: Administration,
) -> None:
    user = administration.user()
    await administration.change(f"/users/{user.id}", EwsEnabled=False)
    await administration.sharing("Partners", Domains=["*:CalendarSharingFreeBusySimple"])
    await administration.call("PATCH", "/organization", {"EwsEnabled": False})
    rows = await administration.service.rows("SELECT max(number), count(*) FROM audit")
    whole = await verified(administration)
    pages = await verified(administration, limit=2, head=whole["head"])

    assert {"max": whole["records"], "count": whole["records"]} == rows[0]
    assert whole == pages
    assert [] == whole["faults"]


async def test_changes_and_refusals_at_the_same_time_are_one_chain(
    administration: Administration,
) -> None:
    users = [administration.user() for _ in range(20)]

    async def one(number: int) -> None:
        user = users[number]
        for switch in (False, True, None):
            body = {"EwsEnabled": switch, "reason": "At once"}
            headers: dict[str, Any] = {} if number % 4 == 3 else {"If_Match": "*"}
            await administration.call("PATCH", f"/users/{user.id}", body, **headers)

    async def everybody() -> None:
        for switch in (False, None):
            body = {"EwsEnabled": switch, "reason": "At once", "confirm": True}
            await administration.call("PATCH", "/organization", body, If_Match="*")

    await asyncio.gather(*map(one, range(20)), everybody(), everybody())
    await administration.applied()
    found = await verified(administration)
    rows = await administration.service.rows(
        "SELECT outcome, count(*) FROM audit WHERE whom = ANY(%s) GROUP BY outcome",
        [str(user.id) for user in users],
    )

    assert [] == found["faults"]
    assert {"made": 45, "refused": 15} == {row["outcome"]: row["count"] for row in rows}


CHANGE = "UPDATE audit SET record = replace(record, 'On leave', 'Retired') WHERE number = {n}"
DIGEST = (
    " digest = sha256((SELECT b.digest FROM audit b WHERE b.number = audit.number - 1)"
    " || convert_to(record, 'UTF8'))"
)
OF_IT = "(SELECT id FROM audit WHERE number = {n})"
# What is done to the three last records, of which n is the middle one, and what is named then.
TAMPERINGS: dict[str, tuple[Sequence[str], Sequence[int | None], str]] = {
    "a changed record": ([CHANGE], [0, 0], "the digest fits neither"),
    "a changed record with a new digest": (
        [CHANGE, f"UPDATE audit SET {DIGEST} WHERE number = {{n}}"],
        [0, 1],
        "its event, UserPolicyChanged of user-",
    ),
    "a changed digest": (
        ["UPDATE audit SET digest = sha256('') WHERE number = {n}"],
        [0, 1],
        "digest",
    ),
    "a removed record": (["DELETE FROM audit WHERE number = {n}"], [0, None], "is missing"),
    "a removed record and its event": (
        [
            f"DELETE FROM events WHERE id = {OF_IT}",
            "DELETE FROM audit WHERE number = {n}",
        ],
        [0],
        "is missing",
    ),
    "a cut end": (["DELETE FROM audit WHERE number > {n}"], [1, None], "from the end"),
    "two records in each other's place": (
        [
            "UPDATE audit SET number = -1 WHERE number = {n}",
            "UPDATE audit SET number = {n} WHERE number = {n} + 1",
            "UPDATE audit SET number = {n} + 1 WHERE number = -1",
        ],
        [0, 0, 1, 1, 1],
        "it was written for another place",
    ),
    "an event that was changed": (
        ['UPDATE events SET data = data || \'{{"reason": "Retired"}}\' WHERE id = ' + OF_IT],
        [0],
        "is stored with another content",
    ),
    "an event that was removed": (
        [f"DELETE FROM events WHERE id = {OF_IT}"],
        [0],
        "is not among the stored events",
    ),
    "an event that was slipped in": (
        [
            "INSERT INTO events SELECT gen_random_uuid(), stream, version + 100, partition_key,"
            " sequence + 100, type, time, data, metadata FROM events WHERE id = " + OF_IT
        ],
        [None],
        "is in no record",
    ),
    "columns that hide a record": (
        [
            "ALTER TABLE audit ALTER COLUMN who DROP EXPRESSION",
            "UPDATE audit SET who = 'nobody' WHERE number = {n}",
        ],
        [0],
        "is found by who",
    ),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
async def test_whoever_owns_the_database_and_changes_the_audit_is_found(
    administration: Administration, kind: str
) -> None:
    statements, wanted, words = TAMPERINGS[kind]
    user = administration.user()
    for switch in (False, True, None):
        await administration.change(f"/users/{user.id}", reason="On leave", EwsEnabled=switch)
    head = Head.parse((await verified(administration))["head"])
    number = head.number - 1

    async with (
        administration.service.database.connection() as connection,
        connection.transaction(force_rollback=True),
    ):
        await connection.execute(b"SET LOCAL session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement.format(n=number).encode())
        checked, more = await verify(connection, Head(), head, 100_000)

    named = [None if each.number is None else each.number - number for each in checked.faults]
    assert wanted == named, checked.faults
    assert any(words in each.detail for each in checked.faults), checked.faults
    assert not more
    assert [] == (await verified(administration))["faults"]


async def test_a_change_that_was_made_without_the_trigger_is_named(
    administration: Administration,
) -> None:
    user = await administration.known(False)
    async with (
        administration.service.database.connection() as connection,
        connection.transaction(force_rollback=True),
    ):
        await connection.execute(b"SET LOCAL session_replication_role = replica")
        cursor = await connection.execute(
            b"DELETE FROM audit WHERE number = (SELECT max(number) FROM audit) RETURNING at, id"
        )
        [row] = await cursor.fetchall()
        checked, _ = await verify(connection, Head(), None, 100_000)

    detail = f"UserPolicyChanged of user-{user.id}, version 1 ({row['id']}) is in no record"
    assert (AuditFault(None, row["at"], detail),) == checked.faults


async def test_every_type_of_event_is_audited_or_a_decision(
    administration: Administration,
) -> None:
    types = set(itertools.chain(*(each.codec.types for each in (ORGANIZATION, USER, ROLLOUT))))
    [trigger] = await administration.service.rows(
        "SELECT pg_get_triggerdef(oid) AS text FROM pg_trigger WHERE tgname = 'changes_are_audited'"
    )
    excepted = {name for name in types if f"'{name}'" in trigger["text"]}

    assert set(DECISIONS) == excepted
    assert types - excepted == {
        "OrganizationPolicyChanged",
        "SharingPolicyChanged",
        "UserPolicyChanged",
    }


@pytest.mark.parametrize("name", ["after", "head"])
async def test_what_is_no_head_is_named(administration: Administration, name: str) -> None:
    answer = await administration.call("GET", f"{VERIFICATION}?{name}=7:abc")

    assert (422, "invalid") == problem(answer)
    assert [f"#/query/{name}"] == [each["pointer"] for each in answer.json()["errors"]]


async def test_operators_and_administrators_verify_and_nobody_else(
    administration: Administration,
) -> None:
    statuses = {
        who: (await administration.call("GET", VERIFICATION, by=headers)).status_code
        for who, headers in {
            "nobody": {},
            "organizer": administration.sign_in.signed_in("anna", "organizer"),
            "operator": administration.sign_in.signed_in("otto", "operator"),
            "administrator": administration.ada,
        }.items()
    }

    assert {"nobody": 401, "organizer": 403, "operator": 200, "administrator": 200} == statuses

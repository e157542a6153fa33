"""Plans of changes: what a dry run has found, kept under a number by which it is carried out."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.chassis.postgres.database import Connection, Row, enqueue, fetch_one, sql
from services.policy import answers, views
from services.policy.asked import BODIES, Asked, Outcome, What
from services.policy.audit import AuditRecord, changes_since
from services.policy.domain.refusals import NotFound
from services.policy.preview import Effect, Preview
from services.policy.store import ORGANIZATION, USER

_KEEP = sql("""
    INSERT INTO plans (document) VALUES (%(document)s::jsonb)
    RETURNING number, document, made_at, applied_at
""")
_READ = sql("SELECT number, document, made_at, applied_at FROM plans WHERE number = %(number)s")
_TAKE = sql("""
    SELECT number, document, made_at, applied_at FROM plans WHERE number = %(number)s FOR UPDATE
""")
_APPLIED = sql("UPDATE plans SET applied_at = clock_timestamp() WHERE number = %(number)s")


# Names and addresses are in the directory alone, where they can be erased.
_DESCRIPTIONS = {"users": {"__all__": {"display_name", "mail"}}}


class PlanDocument(BaseModel):
    """What is kept of a plan: what was asked for, and what it would have done."""

    what: What
    name: str | None
    body: dict[str, Any]
    policy_version: int
    user_versions: dict[UUID, int]
    gains: int
    losses: int
    remaining: int
    gaining: list[UUID]
    losing: list[UUID]
    warnings: list[answers.WarnedOf]
    before: answers.AnySettings | None
    after: answers.AnySettings | None


class WorldMoved(Exception):
    """What the plan was made for is not as it was: the changes since, and what it would do now."""

    def __init__(self, changes: Sequence[AuditRecord], now: Effect) -> None:
        super().__init__("Things have changed since the plan was made. Make a new plan.")
        self.changes = changes
        self.now = now


async def make_plan(connection: Connection, asked: Asked, expected: int | None) -> answers.Plan:
    """Find out what the change would do, and keep it as a plan."""
    seen = await asked.preview(connection, expected)
    document = PlanDocument(
        what=asked.what,
        name=asked.name,
        body=asked.body.model_dump(
            mode="json", by_alias=True, exclude_unset=True, exclude=_DESCRIPTIONS
        ),
        policy_version=seen.policy_version,
        user_versions=seen.user_versions,
        warnings=views.warnings(seen.warnings),
        before=seen.before,
        after=seen.after,
        **_counts(seen),
    )
    row = await fetch_one(connection, _KEEP, document=document.model_dump_json())
    assert row is not None
    return _plan(row)


async def read_plan(connection: Connection, number: int) -> answers.Plan:
    """Return the plan; raise NotFound."""
    return _plan(await _row(connection, number))


async def ask_planned(
    connection: Connection, number: int, by: str, id_of: Callable[[str], UUID], reason: str
) -> tuple[Asked, answers.Plan]:
    """Return what the plan asks for, in the name of whoever carries it out; raise NotFound."""
    row = await _row(connection, number)
    kept = PlanDocument.model_validate(row["document"])
    body = {**kept.body, **({"reason": reason} if reason else {})}
    parsed = BODIES[kept.what].model_validate(body)
    return Asked(kept.what, kept.name, parsed, by, id_of), _plan(row)


async def apply_plan(connection: Connection, number: int, asked: Asked) -> Outcome | None:
    """Carry the plan out; None if it is already.

    Raises:
        WorldMoved: a setting that it was made for has changed, or it would do something else now.
    """
    row = await fetch_one(connection, _TAKE, number=number)
    if row is None:
        raise NotFound
    if row["applied_at"] is not None:
        return None
    kept = PlanDocument.model_validate(row["document"])
    seen = await asked.preview(connection)
    same_versions = (kept.policy_version, kept.user_versions) == (
        seen.policy_version,
        seen.user_versions,
    )
    if not same_versions or _counts(seen) != _counts(kept):
        raise WorldMoved(await _changes(connection, kept), seen.effect)
    outcome = await asked.carry_out(connection, _expected(asked, kept))
    await enqueue(connection, _APPLIED, number=number)
    return outcome


def _expected(asked: Asked, kept: PlanDocument) -> int | None:
    match asked.what:
        case "users":
            return None
        case "user":
            return next(iter(kept.user_versions.values()))
        case _:
            return kept.policy_version


async def _changes(connection: Connection, kept: PlanDocument) -> list[AuditRecord]:
    found = [*await changes_since(connection, ORGANIZATION.stream(), kept.policy_version)]
    for id_, version in list(kept.user_versions.items()):
        if len(found) < 20:
            found += await changes_since(connection, USER.stream(id_), version)
    return found


def _counts(seen: Preview | PlanDocument) -> dict[str, Any]:
    effect = seen.effect if isinstance(seen, Preview) else seen
    return {
        "gains": effect.gains,
        "losses": effect.losses,
        "remaining": effect.remaining,
        "gaining": list(effect.gaining),
        "losing": list(effect.losing),
    }


async def _row(connection: Connection, number: int) -> Row:
    row = await fetch_one(connection, _READ, number=number)
    if row is None:
        raise NotFound
    return row


def _plan(row: Row) -> answers.Plan:
    kept = PlanDocument.model_validate(row["document"])
    shared = kept.model_dump(exclude={"body", "user_versions", "before", "after"})
    return answers.Plan(
        number=row["number"],
        reason=kept.body.get("reason", ""),
        before=kept.before,
        after=kept.after,
        made_at=row["made_at"],
        applied_at=row["applied_at"],
        **shared,
    )

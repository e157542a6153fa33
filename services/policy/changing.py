"""A change that was asked for over HTTP: tried, consented to, carried out, or refused with why."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from services.chassis.events.streams import VersionMismatch
from services.chassis.postgres.faults import VersionConflict
from services.policy import answers, plans
from services.policy.asked import Asked, Outcome
from services.policy.audit import AuditRecord, changes_since
from services.policy.domain.warnings import Warned
from services.policy.parts import Parts


class ConfirmationNeeded(Exception):
    """The change warns of something, and whoever asked for it has not said that it is meant."""

    def __init__(self, warnings: Sequence[Warned | answers.WarnedOf]) -> None:
        super().__init__(" ".join(each.detail for each in warnings))
        self.warnings = warnings


class ChangedMeanwhile(Exception):
    """The version that was named is not the newest; `changes` are those since."""

    def __init__(self, changes: Sequence[AuditRecord]) -> None:
        super().__init__()
        self.changes = changes


async def carry_out(
    parts: Parts, asked: Asked, expected: int | None
) -> tuple[Outcome, Sequence[Warned]]:
    """Make the change; return what it warns of with it, unless that was confirmed.

    Raises:
        ConfirmationNeeded: it warns of something, and was to be refused then.
        ChangedMeanwhile: another administrator was faster.
    """
    async with telling_what_changed(parts, asked, expected):
        warnings: Sequence[Warned] = ()
        if not asked.body.confirm:
            warnings = (await parts.read(partial(asked.preview, expected=expected))).warnings
        if warnings and asked.body.confirm is False:
            raise ConfirmationNeeded(warnings)
        return await parts.write(partial(asked.carry_out, expected=expected)), warnings


async def plan(parts: Parts, asked: Asked, expected: int | None) -> answers.Plan:
    """Try the change, and keep what it would do as a plan; raise ChangedMeanwhile."""
    async with telling_what_changed(parts, asked, expected):
        return await parts.write(partial(plans.make_plan, asked=asked, expected=expected))


async def apply_plan(
    parts: Parts, number: int, by: str, *, reason: str, confirm: bool | None
) -> None:
    """Carry a plan out; raise NotFound, WorldMoved, ConfirmationNeeded."""
    asked, planned = await parts.read(
        lambda c: plans.ask_planned(c, number, by, parts.user_id, reason)
    )
    if planned.applied_at is not None:
        return
    if planned.warnings and not (confirm or asked.body.confirm):
        raise ConfirmationNeeded(planned.warnings)
    await parts.write(partial(plans.apply_plan, number=number, asked=asked))


@asynccontextmanager
async def telling_what_changed(
    parts: Parts, asked: Asked, expected: int | None
) -> AsyncIterator[None]:
    """Raise ChangedMeanwhile instead of a version's mismatch."""
    try:
        yield
    except (VersionMismatch, VersionConflict):
        stream = asked.stream
        if stream is None:
            raise ChangedMeanwhile(()) from None
        changes = await parts.read(lambda c: changes_since(c, stream, expected or 0))
        raise ChangedMeanwhile(changes) from None

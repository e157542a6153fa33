"""Slots and reasons as callers see them."""

from collections.abc import Sequence
from datetime import UTC

from services.availability import schemas
from services.availability.domain.reasons import Reason
from services.availability.offers import OfferedSlots


def slots(found: OfferedSlots) -> schemas.Slots:
    """Return the offered slots."""
    return schemas.Slots(
        slots=found.slots,
        next_free_day=found.next_free_day,
        computed_at=found.computed_at.astimezone(UTC),
    )


def explanation(reasons: Sequence[Reason]) -> schemas.Explanation:
    """Return the rules' verdicts on one start."""
    return schemas.Explanation(
        offered=all(reason.passed for reason in reasons),
        rules=[
            schemas.RuleResult(rule=each.rule, passed=each.passed, detail=each.detail)
            for each in reasons
        ],
    )

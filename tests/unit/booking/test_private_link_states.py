"""The names by which the organizer and the visitor know a link's state."""

import pytest

from services.booking.domain import private_link
from services.booking.domain.private_link import (
    LinkExpired,
    LinkUseTaken,
    end_reason,
    link_state,
)
from services.booking.domain.refusals import (
    NotFound,
)
from tests.builders import (
    FIRST_BOOKING,
    NOW,
    SECOND_BOOKING,
    link_issued,
)
from tests.private_links import CONSUMED, DEADLINE, INSTANT, ISSUED, LINK, TAKEN, ended


@pytest.mark.parametrize(
    ("history", "name"),
    [
        ((ISSUED,), "active"),
        ((ISSUED, TAKEN), "held"),
        ((link_issued(max_uses=2), TAKEN), "active"),
        ((link_issued(max_uses=2), TAKEN, CONSUMED), "active"),
        ((link_issued(max_uses=2), TAKEN, CONSUMED, LinkUseTaken(SECOND_BOOKING)), "held"),
        ((ISSUED, TAKEN, LinkUseTaken(SECOND_BOOKING)), "held"),
        ((link_issued(max_uses=None), TAKEN), "active"),
        ((ISSUED, TAKEN, CONSUMED, ended("consumed")), "consumed"),
        ((ISSUED, ended("ttl")), "expired"),
        ((ISSUED, TAKEN, ended("ttl"), CONSUMED), "expired"),
        ((ISSUED, ended("revoked")), "revoked"),
        ((ISSUED, TAKEN, ended("revoked")), "revoked"),
        ((ISSUED, ended("type_deleted")), "revoked"),
        ((ISSUED, ended("type_made_public")), "revoked"),
    ],
)
def test_each_history_of_a_link_has_its_state_name(
    history: tuple[private_link.Event, ...], name: str
) -> None:
    assert name == link_state(LINK.fold(history), NOW)


def test_a_link_at_its_deadline_is_expired_before_any_timer_fires() -> None:
    link = LINK.fold([ISSUED, TAKEN])

    assert link_state(link, DEADLINE - INSTANT) == "held"
    assert link_state(link, DEADLINE) == "expired"
    assert end_reason(link, DEADLINE - INSTANT) is None
    assert end_reason(link, DEADLINE) == "ttl"


@pytest.mark.parametrize("history", [(), (ended("ttl", DEADLINE),)], ids=["at once", "by timer"])
def test_a_last_use_consumed_late_ends_the_link_for_one_reason_everywhere(
    history: tuple[private_link.Event, ...],
) -> None:
    before = LINK.fold([ISSUED, TAKEN, *history])
    late = LINK.decide(before, private_link.ConsumeUse(FIRST_BOOKING, DEADLINE))
    events = (*history, *late)
    published = [each.reason for each in events if isinstance(each, LinkExpired)]

    after_all = LINK.fold([ISSUED, TAKEN, *history, *late])

    assert published == [end_reason(after_all, DEADLINE)] == ["ttl"]


def test_a_link_that_was_never_issued_has_no_state() -> None:
    with pytest.raises(NotFound):
        link_state(LINK.initial, NOW)

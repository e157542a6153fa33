"""A private link: what each command comes to in each state, as one table."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from services.booking.domain import private_link
from services.booking.domain.private_link import (
    LinkExpired,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.domain.refusals import (
    LinkEnded,
    LinkInUse,
    NotFound,
    StateConflict,
)
from tests.builders import (
    ANNA,
    COFFEE_TYPE,
    FIRST_BOOKING,
    NOW,
    SECOND_BOOKING,
    after,
    limits,
    link_issued,
)
from tests.decision_table import DecisionTable, Row

# Each command comes from the first booking; in `held by another` the second has the use.
TAKEN = private_link.LinkUseTaken(FIRST_BOOKING)
CONSUMED = private_link.LinkUseConsumed(FIRST_BOOKING)
COMMANDS: Mapping[str, private_link.Command] = {
    "issue": private_link.IssueLink(
        organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=limits(), at=NOW
    ),
    "change": private_link.ChangeLink(limits=limits(duration_minutes=60), at=NOW),
    "take": private_link.TakeUse(FIRST_BOOKING, NOW),
    "return": private_link.ReturnUse(FIRST_BOOKING),
    "consume": private_link.ConsumeUse(FIRST_BOOKING, NOW),
    "revoke": private_link.RevokeLink(NOW),
    "end": private_link.EndLink("type_deleted", NOW),
    "erase, others": private_link.EraseAddressee(others=True, at=NOW),
    "erase the last": private_link.EraseAddressee(others=False, at=NOW),
    "expire, early": private_link.ExpireLink(NOW),
    "expire": private_link.ExpireLink(after(days=90)),
}
STATES: Mapping[str, tuple[private_link.Event, ...]] = {
    "absent": (),
    "active": (link_issued(),),
    "held": (link_issued(), TAKEN),
    "held by another": (link_issued(), private_link.LinkUseTaken(SECOND_BOOKING)),
    "held by ten others": (
        link_issued(),
        *(private_link.LinkUseTaken(UUID(int=number)) for number in range(10)),
    ),
    "shared": (link_issued(), TAKEN, private_link.LinkUseTaken(SECOND_BOOKING)),
    "shared, consumed by another": (
        link_issued(),
        TAKEN,
        private_link.LinkUseTaken(SECOND_BOOKING),
        private_link.LinkUseConsumed(SECOND_BOOKING),
        private_link.LinkExpired(meeting_type_id=COFFEE_TYPE, reason="consumed", expired_at=NOW),
    ),
    "consumed": (
        link_issued(),
        TAKEN,
        CONSUMED,
        private_link.LinkExpired(meeting_type_id=COFFEE_TYPE, reason="consumed", expired_at=NOW),
    ),
    "expired": (
        link_issued(),
        private_link.LinkExpired(meeting_type_id=COFFEE_TYPE, reason="ttl", expired_at=NOW),
    ),
    "expired, held": (
        link_issued(),
        TAKEN,
        private_link.LinkExpired(meeting_type_id=COFFEE_TYPE, reason="ttl", expired_at=NOW),
    ),
    "revoked": (
        link_issued(),
        private_link.LinkExpired(meeting_type_id=COFFEE_TYPE, reason="revoked", expired_at=NOW),
    ),
    "revoked, held": (
        link_issued(),
        TAKEN,
        private_link.LinkExpired(meeting_type_id=COFFEE_TYPE, reason="revoked", expired_at=NOW),
    ),
}
ACTIVE: Row = {
    "issue": StateConflict,
    "change": [PrivateLinkChanged],
    "take": [LinkUseTaken],
    "return": [],
    "consume": StateConflict,
    "revoke": [LinkExpired],
    "end": [LinkExpired],
    "erase, others": [PrivateLinkChanged],
    "erase the last": [LinkExpired],
    "expire, early": [],
    "expire": [LinkExpired],
}
ENDED: Row = {
    "issue": StateConflict,
    "change": LinkEnded,
    "take": LinkEnded,
    "return": [],
    "consume": LinkEnded,
    "revoke": [],
    "end": [],
    "erase, others": [],
    "erase the last": [],
    "expire, early": [],
    "expire": [],
}
TABLE: Mapping[str, Row] = {
    "absent": dict.fromkeys(COMMANDS, NotFound) | {"issue": [PrivateLinkIssued]},
    "active": ACTIVE,
    "held": {
        **ACTIVE,
        "take": [],
        "return": [LinkUseReturned],
        "consume": [LinkUseConsumed, LinkExpired],
    },
    "held by another": ACTIVE,
    "held by ten others": {**ACTIVE, "take": LinkInUse},
    "shared": {
        **ACTIVE,
        "take": [],
        "return": [LinkUseReturned],
        "consume": [LinkUseConsumed, LinkExpired],
    },
    "shared, consumed by another": {**ENDED, "take": [], "return": [LinkUseReturned]},
    "consumed": {**ENDED, "take": [], "consume": []},
    "expired": {**ENDED, "consume": StateConflict},
    "expired, held": {
        **ENDED,
        "take": [],
        "return": [LinkUseReturned],
        "consume": [LinkUseConsumed],
    },
    "revoked": ENDED,
    "revoked, held": {**ENDED, "take": [], "return": [LinkUseReturned]},
}

DECISIONS = DecisionTable(private_link, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_private_link_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_a_private_link_is_left_out() -> None:
    DECISIONS.check_complete()

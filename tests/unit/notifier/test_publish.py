"""What subscribers hear of a mail."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.event import ContractEvent
from contracts.generators.sample_values import NOW
from contracts.notifier import MailDelayed, MailFailed, MailSent
from services.notifier.domain.attempts import Attempt, Delayed, Failed, Outcome, Overtaken, Sent
from services.notifier.domain.delivery import Delivery
from services.notifier.publish import mail_event

ATTEMPT = Attempt(
    delivery=Delivery(UUID(int=1), 3, "attendee", "change"),
    organizer_id=UUID(int=2),
    number=4,
    message_id="<a@b>",
)


@pytest.mark.parametrize(
    ("outcome", "kind", "more"),
    [
        (Sent(), MailSent, {"sent_at": NOW}),
        (
            Delayed("temporary", 451),
            MailDelayed,
            {"cause": "temporary", "next_attempt_at": NOW + timedelta(seconds=8)},
        ),
        (Failed("refused", 554), MailFailed, {"cause": "refused", "failed_at": NOW}),
    ],
)
def test_an_outcome_is_published_with_the_mail_that_it_belongs_to(
    outcome: Outcome, kind: type[ContractEvent], more: dict[str, Any]
) -> None:
    event = mail_event(outcome, ATTEMPT, NOW, NOW + timedelta(seconds=8))

    assert event == kind(
        booking_id=UUID(int=1),
        organizer_id=UUID(int=2),
        recipient="attendee",
        kind="change",
        ics_sequence=3,
        message_id="<a@b>",
        attempt=4,
        **more,
    )


def test_an_overtaken_letter_is_not_published() -> None:
    assert mail_event(Overtaken(), ATTEMPT, NOW, NOW) is None

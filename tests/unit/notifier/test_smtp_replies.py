"""What a refusal by the mail server means for the mail."""

import pytest

from services.notifier.domain.attempts import Delayed, Failed
from services.notifier.domain.smtp_replies import Step, outcome_of


@pytest.mark.parametrize(
    ("step", "code", "text", "expected"),
    [
        # Words decide nothing.
        ("recipient", 550, "5.1.1 no such user at this relay", Failed("recipient_refused", 550)),
        ("recipient", 550, "relay: unknown", Failed("recipient_refused", 550)),
        ("recipient", 554, "5.7.1 <x>: Relay access denied", Failed("recipient_refused", 554)),
        ("recipient", 450, "relay is permanently gone", Delayed("temporary", 450)),
        # The enhanced status decides against the reply's class.
        ("recipient", 550, "4.2.1 try again later", Delayed("temporary", 550)),
        ("recipient", 450, "5.1.1 nobody of that name", Failed("recipient_refused", 450)),
        ("data", 552, "4.2.2 mailbox full", Delayed("temporary", 552)),
        ("data", 451, "5.6.0 not like this", Failed("refused", 451)),
        # What is none decides nothing.
        ("recipient", 550, "4.2.1.9 is my version", Failed("recipient_refused", 550)),
        ("recipient", 550, "2.1.5 odd", Failed("recipient_refused", 550)),
        ("recipient", 550, "my 4.2.1", Failed("recipient_refused", 550)),
        ("data", 554, "", Failed("refused", 554)),
        ("data", 421, "4.7.0 closing", Delayed("temporary", 421)),
        # Settings of the operator.
        ("sender", 550, "5.1.1 who are you", Delayed("sender_refused", 550)),
        ("sender", 451, "4.7.1 greylisted", Delayed("temporary", 451)),
        ("recipient", 530, "5.7.0 Authentication required", Delayed("sender_refused", 530)),
        ("recipient", 550, "5.7.8 credentials invalid", Delayed("sender_refused", 550)),
        ("data", 550, "5.1.8 bad sender", Delayed("sender_refused", 550)),
    ],
)
def test_the_enhanced_status_decides_then_the_class(
    step: Step, code: int, text: str, expected: Delayed | Failed
) -> None:
    assert expected == outcome_of(step, code, text)

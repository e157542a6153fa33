"""What a refusal by the mail server means: its enhanced status decides, or else its class."""

import re
from typing import Literal

from services.notifier.domain.attempts import Delayed, Failed

# What the server was told when it refused: from whom, to whom, the mail itself.
Step = Literal["sender", "recipient", "data"]

# RFC 3463: class, subject, detail, at the beginning of a reply's text.
_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")
# The server wants an account, or a better one (RFC 4954).
_SIGN_IN = frozenset({530, 534, 535, 538})
# Subject and detail of what an operator corrects, not the recipient: the sender's address (1.7,
# 1.8), an account that is missing, wrong or too weak (7.8, 7.9), encryption that is asked for.
_SETTINGS = frozenset({(1, 7), (1, 8), (7, 8), (7, 9), (7, 10), (7, 11)})


def outcome_of(step: Step, code: int, text: str) -> Delayed | Failed:
    """Return what becomes of the mail; words in the text decide nothing."""
    enhanced = _ENHANCED.match(text)
    # A status that says success in a refusal says nothing.
    class_ = int(enhanced[1]) if enhanced and enhanced[1] != "2" else code // 100
    about = (int(enhanced[2]), int(enhanced[3])) if enhanced else None
    if class_ != 5:
        return Delayed("temporary", code)
    if step == "sender" or code in _SIGN_IN or about in _SETTINGS:
        return Delayed("sender_refused", code)
    return Failed("recipient_refused" if step == "recipient" else "refused", code)

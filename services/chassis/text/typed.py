"""Text as people type it: what cannot be seen is taken away from its ends."""

import re

# Unicode's Default_Ignorable_Code_Point. White space and the blank of Braille are added below:
# whatever shows nothing cannot be a name. Controls stay where they are, to be refused.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_UNSEEN = rf"\s\u2800{_IGNORABLE}"
# These belong to the letter before them: a join of letters, the look of an emoji, a flag.
_ATTACHED = r"\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef\u180b-\u180d"
_BEFORE = re.compile(f"^[{_UNSEEN}]+")
_BEHIND = re.compile(f"(?:(?![{_ATTACHED}])[{_UNSEEN}])+$")
# Marks of a file or of a line's end, which nobody types inside a word.
_STRAY = re.compile("[\u200b\u2060\ufeff]")


def trimmed(text: str) -> str:
    """Return the text without anything invisible at its ends, and without stray marks inside."""
    return _BEHIND.sub("", _BEFORE.sub("", _STRAY.sub("", text)))


def is_blank(text: str) -> bool:
    """Tell whether nothing of the text can be seen."""
    return not trimmed(text)

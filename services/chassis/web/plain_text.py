"""Text that somebody typed, made harmless for a line, a paragraph, a mail header, a link."""

import re
import unicodedata
from urllib.parse import urlsplit

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LINK_DOT = re.compile(r"(?<=\w)([.\u3002\uff0e\uff61])(?=[^\W\d_])")


def one_line(text: str, limit: int = 200) -> str:
    """Return the text as one line: nothing that breaks it, hides in it or turns it around."""
    if text.isascii() and text.isprintable():
        line = " ".join(text.split())
        return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
    kept = (" " if _breaks(letter) else letter for letter in _DIRECTION.sub("", text))
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def paragraphs(text: str, limit: int = 2000) -> str:
    """Return the text with its line ends and nothing else that steers."""
    lines = [one_line(line, limit) for line in text[: limit - 1].splitlines()]
    whole = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return whole + "…" if len(text) > limit - 1 else whole


def header_text(text: str, limit: int = 200) -> str:
    """Return the text for a mail header: one line that no reader takes for an encoded word."""
    # Python's own parser decodes `=?utf-8?q?A=0D=0ABcc=3A...?=` and folds it into a new header.
    return one_line(text, limit).replace("=?", "= ?")


def unlinked(text: str) -> str:
    """Return the text with addresses that no mail reader turns into a link by itself."""
    return _LINK_DOT.sub("\\1\u200b", text.replace("://", ":\u200b//"))


def web_address(text: str) -> str | None:
    """Return the text if it is a web address that may be linked to, else None."""
    if text != one_line(text, 2000) or re.search(r"[\s\"'<>\\^`{|}]", text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.hostname else None


def _breaks(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}

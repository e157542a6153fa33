"""The search for canaries finds them in every form, and nothing where there is none."""

import base64
import gzip
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.security.canaries import found_in

WORD = "Kanariefugl Ødegård 4f1c"
WORDS = (WORD, "canary-4f1c@visitors.example")


def padded(text: bytes, before: int) -> bytes:
    return b"x" * before + text + b"y"


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda text: text,
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "base64url": base64.urlsafe_b64encode,
    "quoted-printable": lambda text: quopri.encodestring(text, quotetabs=True),
    "URL": lambda text: quote(text).encode(),
    "JSON": lambda text: json.dumps(text.decode()).encode(),
    "UTF-16 little-endian": lambda text: text.decode().encode("utf-16-le"),
    "UTF-16 big-endian": lambda text: text.decode().encode("utf-16-be"),
    "gzip": gzip.compress,
    "a dump of bytes": lambda text: b"\\\\x" + text.hex().encode(),
    "JSON in gzip in base64": lambda text: base64.b64encode(
        gzip.compress(json.dumps({"name": text.decode()}).encode())
    ),
}


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("form", FORMS)
def test_a_canary_is_found_in_this_form(form: str, before: int) -> None:
    inside = padded(WORD.encode(), before)
    content = b"some row|" + FORMS[form](inside) + b"|and another"

    assert {WORD} == found_in(content, WORDS)


def test_the_case_of_letters_makes_no_difference() -> None:
    assert {WORD} == found_in(WORD.upper().encode(), WORDS)


def test_nothing_is_found_where_there_is_none() -> None:
    content = json.dumps({"name": "Vera", "token": "A" * 200, "sum": "%41%42=41 \\u00d8"}).encode()

    assert set() == found_in(content + gzip.compress(content), WORDS)

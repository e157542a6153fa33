"""The headers Accept and Accept-Language by their grammar."""

import pytest

from services.chassis.web.accept_language import most_wanted, preferences
from services.chassis.web.accepted import accepts_html

OFFERED = ("en", "da")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("da; q=0.9, en; q=0.5", "da"),
        ("en;q=0.5 ,\tda ; Q=0.9", "da"),
        ("en;q=0.50,da;q=0.501", "da"),
        ("da,en", "da"),
        ("DA", "da"),
        ("da-DK-u-nu-latn", "da"),
        (",,da,,", "da"),
        ("da;q=1.000", "da"),
        ("en;q=0, da;q=0.001", "da"),
        ("en;q=0", "da"),
        ("en;q=0, *;q=0.1", "da"),
        ("en-US;q=0, en;q=0.2", "en"),
        ("en-US, en;q=0", "en"),
        ("da;q=0", "en"),
        ("en;q=0, da;q=0", "en"),
        ("da;q=0, *", "en"),
        ("*", "en"),
        ("*, da;q=0.5", "en"),
        ("da, *", "da"),
        ("fr, *;q=0.1", "en"),
        ("fr", "en"),
        ("", "en"),
        # Not the grammar: such an entry says nothing.
        ("da;q=2", "en"),
        ("da;q=nan", "en"),
        ("da;q=inf", "en"),
        ("da;q=0.9999", "en"),
        ("da;q=-1", "en"),
        ("da;level=1", "en"),
        ("da q=1", "en"),
        ("da_DK", "en"),
        ("danish--", "en"),
        ("x" * 9000 + ",da", "da"),
        ("da" + ",en" * 9000, "da"),
    ],
)
def test_the_language_that_is_wanted_most_is_found(header: str, language: str) -> None:
    assert most_wanted(preferences(header), OFFERED) == language


@pytest.mark.parametrize(
    ("header", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json, Text/HTML; charset=utf-8 ; Q=0.1", True),
        ("application/json, text/html;q=0", False),
        ("application/json, text/html ; q=0.000", False),
        ("application/vnd.text/html-like", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_html_is_for_those_who_name_it(header: str, html: bool) -> None:
    assert accepts_html(header) is html

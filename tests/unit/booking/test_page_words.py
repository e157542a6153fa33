"""The words of the pages: templates say phrases that exist, assets have lasting addresses."""

import re
from pathlib import Path

import pytest
from fastapi import Request

from services.booking.web import rendering as pages
from services.booking.web.responses import visit_of
from services.booking.web.wording import languages

SAID = re.compile(r"""(?:say|text)\(\s*'([\w.-]+)'\s*(?:,|\)| if)""")
TEMPLATES = Path(pages.__file__).parent / "templates"


@pytest.mark.parametrize("template", sorted(TEMPLATES.iterdir()), ids=lambda path: path.name)
def test_a_template_says_only_phrases_that_exist(template: Path) -> None:
    said = set(SAID.findall(template.read_text(encoding="utf-8")))

    assert not said - set(languages()["en"].phrases)


def test_an_asset_has_a_new_address_when_its_content_is_new() -> None:
    for name in ("bookwith.css", "bookwith.js", "icon.svg"):
        found = pages.asset(name)
        assert found is not None
        assert pages.asset_address(name) == f"/assets/{found.digest}/{name}"
    assert pages.asset("../templates/base.html") is None


def test_the_lines_of_a_header_count_as_one() -> None:
    headers = [(b"accept-language", b"en;q=0.5"), (b"accept-language", b"da-DK")]
    scope = {"type": "http", "path": "/", "query_string": b"", "headers": headers}

    assert visit_of(Request(scope)).reader.locale == "da-DK"

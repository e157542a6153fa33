"""The words of the pages: templates say phrases that exist, assets have lasting addresses."""

import re
from pathlib import Path

import pytest
from fastapi import Request

from services.booking.web import rendering
from services.booking.web.responses import visit_of
from services.booking.web.wording import languages
from services.chassis.web import pages
from services.chassis.web.assets import asset_address, assets

SAID = re.compile(r"""(?:say|text)\(\s*'([\w.-]+)'\s*(?:,|\)| if)""")
TEMPLATES = [
    path
    for module in (rendering, pages)
    for path in sorted((Path(str(module.__file__)).parent / "templates").rglob("*.html"))
]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_only_phrases_that_exist(template: Path) -> None:
    said = set(SAID.findall(template.read_text(encoding="utf-8")))

    assert not said - set(languages()["en"].phrases)


def test_an_asset_has_a_new_address_when_its_content_is_new() -> None:
    for name in ("bookwith.css", "bookwith.js", "icon.svg", "figtree.woff2"):
        assert asset_address(name) == f"/assets/{assets()[name].digest}/{name}"
    assert "../templates/base.html" not in assets()


def test_the_style_sheet_names_the_typeface_by_its_lasting_address() -> None:
    for name in ("figtree.woff2", "figtree-ext.woff2"):
        relative = f'url("../{assets()[name].digest}/{name}")'
        assert relative.encode() in assets()["bookwith.css"].content


def test_the_lines_of_a_header_count_as_one() -> None:
    headers = [(b"accept-language", b"en;q=0.5"), (b"accept-language", b"da-DK")]
    scope = {"type": "http", "path": "/", "query_string": b"", "headers": headers}

    assert visit_of(Request(scope)).reader.locale == "da-DK"

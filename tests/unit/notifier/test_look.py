"""Mails look like the pages: their colours, an organization's colour, name and logo."""

import re
from base64 import b64decode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from services.chassis.web import colours
from services.chassis.web.brand import Brand, contrast
from services.chassis.web.colours import Colours, colours_of
from services.notifier import rendering
from tests.letters import DTSTAMP, SENDER, letter

BRANDS = [Brand(), *(Brand(colour=each) for each in ("#006633", "#8a1538", "#000000", "#767676"))]
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Text and what it stands on, by their tokens, as the templates use them.
TEXTS = [
    ("ink", "panel"),
    ("quiet", "panel"),
    ("quiet", "ground"),
    ("accent-text", "panel"),
    ("accent-ink", "accent"),
]
EDGES = ("accent", "good", "danger")


def mail(brand: Brand, **changes: object) -> EmailMessage:
    raw = rendering.render(letter(**changes), sender=SENDER, dtstamp=DTSTAMP, brand=brand)
    found = message_from_bytes(raw, policy=SMTP)
    assert isinstance(found, EmailMessage)
    return found


def part(found: EmailMessage, kind: str) -> EmailMessage:
    [one] = [each for each in found.walk() if each.get_content_type() == kind]
    assert isinstance(one, EmailMessage)
    return one


def html(found: EmailMessage) -> str:
    return str(part(found, "text/html").get_content())


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def seen(found: Colours, one: str, other: str) -> float:
    return contrast(rgb(found[one]), rgb(found[other]))


@pytest.mark.parametrize("brand", BRANDS, ids=lambda brand: brand.colour or "ours")
def test_every_text_of_a_mail_can_be_read_in_light_and_dark(brand: Brand) -> None:
    schemes = colours_of(brand)

    for scheme in (schemes.light, schemes.dark):
        assert all(seen(scheme, *pair) >= 4.5 for pair in TEXTS)
        assert all(seen(scheme, edge, "panel") >= 3 for edge in EDGES)


@pytest.mark.parametrize("kind", ["confirmation", "change", "cancellation"])
def test_a_mail_has_no_colour_that_is_not_one_of_the_pages(kind: str) -> None:
    brand = Brand(colour="#006633")
    schemes = colours_of(brand)

    used = set(re.findall(r"#[0-9a-f]{6}", html(mail(brand, kind=kind))))

    assert used <= {*schemes.light.values(), *schemes.dark.values()}
    assert {"#006633", schemes.dark["accent"]} <= used


def test_the_colours_stand_in_the_style_sheet_alone() -> None:
    css = colours.STYLE_SHEET.read_text()

    assert f"--accent: {colours_of(Brand()).light['accent']};" in css
    assert f"--accent: {colours_of(Brand()).dark['accent']};" in css
    for template in rendering.TEMPLATES.rglob("*.html"):
        assert [] == re.findall(r"#[0-9a-fA-F]{3,6}\b", template.read_text()), template


def test_a_mail_carries_the_logo_with_it_and_loads_nothing(tmp_path: Path) -> None:
    logo = tmp_path / "ours.png"
    logo.write_bytes(PNG)

    plain = mail(Brand())
    shown = mail(Brand(name="Bridges <Inc>", logo=logo))

    picture = part(shown, "image/png")
    assert PNG == picture.get_content()
    assert "inline" == picture.get_content_disposition()
    address = f"cid:{str(picture['Content-ID']).strip('<>')}"
    assert [address] == re.findall(r'src="([^"]*)"', html(shown))
    assert 'alt="Bridges &lt;Inc&gt;"' in html(shown)
    # A program that shows no HTML, and one that reads the calendar's part, find what they did.
    assert part(plain, "text/plain").get_content() == part(shown, "text/plain").get_content()
    assert part(plain, "text/calendar").get_content() == part(shown, "text/calendar").get_content()


def test_the_parts_of_a_mail_with_a_logo_are_nested_as_programs_expect(tmp_path: Path) -> None:
    logo = tmp_path / "ours.png"
    logo.write_bytes(PNG)

    shown = mail(Brand(logo=logo))

    assert [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/calendar",
        "application/ics",
    ] == [each.get_content_type() for each in shown.walk()]
    assert [] == [defect for each in shown.walk() for defect in each.defects]


def test_a_logo_that_mail_programs_do_not_show_gives_way_to_the_name(tmp_path: Path) -> None:
    logo = tmp_path / "ours.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")

    shown = mail(Brand(name="Bridges <Inc>", logo=logo))

    assert "<img" not in html(shown)
    assert ">Bridges &lt;Inc&gt;</p>" in html(shown)


def test_without_a_name_and_a_logo_nothing_stands_above_the_card() -> None:
    before_the_card = html(mail(Brand())).partition('class="card"')[0]

    assert "<img" not in before_the_card
    assert "<p" not in before_the_card

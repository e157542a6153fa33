"""A third language is one file: pages say nothing that is not in it, and long words are not cut."""

import html
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from services.booking.web import wording
from services.booking.web.wording import languages
from services.chassis.web import catalogues
from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import WHO, Visitor, browsing, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.booking.test_browser_scripts import serving_pages
from tests.component.running import PUBLIC_URL
from tests.e2e.browser import chromium

# A language that Babel knows, so that dates are written, and that nobody has translated.
CODE = "eo"
OPEN, CLOSE = "\u27e6", "\u27e7"
_TEXT = re.compile(r">([^<>]+)<")
_ATTRIBUTE = re.compile(r'(?:aria-label|data-spoken|data-copied|alt)="([^"]+)"')
_SAID = re.compile(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
# What comes from elsewhere: names that people gave, names of products, of zones and of languages.
DATA = (
    *("Anna (Department of Bridges)", "Vera Visitor", "vera@visitors.example", "To be agreed"),
    *("Bookwith", "Dansk", "English", "Esperanto", "Europe/Copenhagen", "UTC"),
)


def pseudo(phrase: str) -> str:
    """Return the phrase a third longer and marked, with its facts in their places."""
    return f"{OPEN}{phrase}{' ~' * (len(phrase) // 6)}{CLOSE}"


@pytest.fixture(scope="module", autouse=True)
def third_language(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Add a language: one file of booking's, one of what all services say."""
    patched = pytest.MonkeyPatch()
    for module, name in ((catalogues, "SHARED_WORDS"), (wording, "WORDS")):
        folder = tmp_path_factory.mktemp("words")
        source = Path(getattr(module, name))
        for path in source.glob("*.json"):
            (folder / path.name).write_bytes(path.read_bytes())
        english = json.loads((source / "en.json").read_text(encoding="utf-8"))
        phrases = {key: pseudo(phrase) for key, phrase in english["phrases"].items()}
        text = json.dumps({**english, "name": "Esperanto", "phrases": phrases})
        (folder / f"{CODE}.json").write_text(text, encoding="utf-8")
        patched.setattr(module, name, folder)
    yield
    patched.undo()


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    async with browsing(service) as client:
        yield Visitor(client)


def not_in_the_catalogue(page: str, *data: str) -> list[str]:
    """Return what the page says in letters that is no phrase, no date and no data."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    body = re.sub(r"</?(bdi|span|strong|b|small)\b[^>]*>", "", body)
    texts = [*_TEXT.findall(body), *_ATTRIBUTE.findall(body)]
    found = []
    for text in map(html.unescape, texts):
        rest = _SAID.sub("", _SAID.sub("", text))
        for known in (*DATA, *data):
            rest = rest.replace(known, "")
        if re.search(r"[A-Za-z]{3}", rest) and not re.search(r"\d", rest):
            found.append(text.strip())
    return found


async def pages(
    visitor: Visitor, kind: dict[str, str], free_times: FreeTimesServer
) -> dict[str, str]:
    """Return each page of a visit, from the first to the cancelled meeting."""
    offer(free_times, day(3), day(3, 13))
    address = f"{kind['url']}?lang={CODE}&day={day(3)[:10]}"
    picked = await visitor.open(address)
    held = await visitor.choose(address, day(3), on=picked)
    faulty = await visitor.submit(held, "/confirm", name="", email="vera")
    booked = await visitor.submit(held, "/confirm", **WHO)
    cancel = await visitor.open(f"{booked.url.path}/cancel?lang={CODE}")
    opened = {
        "home": await visitor.open(f"/?lang={CODE}"),
        "organizer": await visitor.open(f"{kind['url'].rpartition('/')[0]}?lang={CODE}"),
        "picked": picked,
        "zones": await visitor.open(f"{address}&zones=copenhagen"),
        "held": held,
        "faulty": faulty,
        "booked": booked,
        "move": await visitor.open(f"{booked.url.path}/move?lang={CODE}"),
        "cancel": cancel,
        "cancelled": await visitor.submit(cancel, "/cancel"),
        "me": await visitor.open(f"/me?lang={CODE}"),
        "nothing": await visitor.open(f"/with/nobody?lang={CODE}"),
    }
    return {name: page.text for name, page in opened.items()}


async def test_pages_say_nothing_that_is_not_in_the_catalogue(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    assert CODE in languages()
    kind = await anna.meeting_type()
    locale = wording.reader_of(CODE, "").formats.locale
    dates = [
        *locale.days["stand-alone"]["wide"].values(),
        *locale.months["stand-alone"]["wide"].values(),
    ]

    shown = await pages(visitor, kind, free_times)

    data = (kind["title"], "Copenhagen", "Europe", *dates, *(each[:2] for each in dates))
    assert all(OPEN in text for text in shown.values())
    found = {name: not_in_the_catalogue(text, *data) for name, text in shown.items()}
    assert {} == {name: texts for name, texts in found.items() if texts}


async def test_words_a_third_longer_are_not_cut_on_a_phone(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3), day(3, 13))
    path = kind["url"].removeprefix(PUBLIC_URL)
    addresses = ["/", path.rpartition("/")[0], f"{path}?day={day(3)[:10]}", "/me", "/with/nobody"]
    async with chromium() as browser, serving_pages(service) as base:
        cut = {address: await _cut(browser, base, address) for address in addresses}

    assert {} == {address: found for address, found in cut.items() if found}


async def _cut(browser: Browser, base: str, address: str) -> list[str]:
    """Return the texts that are wider than what holds them, and whether the page is."""
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.goto(f"{base}{address}{'&' if '?' in address else '?'}lang={CODE}&tz=UTC")
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("body *")]
          .filter((each) => !each.closest(".hidden, .skip, .scroll, .keep"))
          .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
          .map((each) => each.outerHTML.slice(0, 120))"""
    )
    await context.close()
    return found

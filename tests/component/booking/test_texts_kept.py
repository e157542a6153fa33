"""What somebody has typed is not lost: in another language, without the role, over a budget."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import browsing, heading, signed_in
from tests.component.booking.form_reading import form_to
from tests.component.booking.organizer_desk import Desk
from tests.component.booking.test_organizer_types import keep_as_browsers_do
from tests.component.running import PUBLIC_URL

NEW, PAGE = "/organizer/types/new", "/organizer/page"


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Desk]:
    """Anna in front of her own pages."""
    async with signed_in(anna) as client:
        yield Desk(client)


async def asked_in(
    desk: Desk, page: httpx.Response, typed: dict[str, str], place: str = NEW
) -> httpx.Response:
    """Press the other language below the form, as a browser does; return the page it leads to."""
    form = form_to(page, place)
    led = await desk.http.post(form.action, data={**form.fields, **typed}, follow_redirects=False)
    keep_as_browsers_do(desk.http, led)
    shown = await desk.http.get(led.headers["location"])
    keep_as_browsers_do(desk.http, shown)
    return shown


async def test_another_language_of_a_form_keeps_what_was_typed_for_one_look(
    desk: Desk, anna: Organizer
) -> None:
    before, shown = await anna.events(), await desk.open(NEW)
    typed = {"title": "Råd & vejledning", "description": "First\nsecond", "ask": "da"}

    danish = await asked_in(desk, shown, typed)
    english = await asked_in(desk, danish, {"ask": "en"})
    fresh = await desk.open(NEW)

    assert '<button class="plain" form="type" formnovalidate name="ask" value="da"' in shown.text
    assert ("Ny mødetype", "New meeting type") == (heading(danish), heading(english))
    for page in (danish, english):
        assert "Råd & vejledning" == form_to(page, NEW).fields["title"]
        assert "First\nsecond" == form_to(page, NEW).fields["description"].strip()
    assert "" == form_to(fresh, NEW).fields["title"]
    assert before == await anna.events()


async def test_the_reason_of_a_declined_request_is_kept_in_another_language(
    service: BookingService, desk: Desk, anna: Organizer
) -> None:
    kind = await anna.meeting_type(approval_required=True)
    asked = await service.held(kind, day(3), attendee=vera())
    place = f"/organizer/bookings/{asked['id']}"
    shown = await desk.open(place)
    typed = {"reason": "Det passer ikke", "ask": "da"}

    danish = await asked_in(desk, shown, typed, f"{place}/decline")
    status = (await anna.body_of("GET", f"/bookings/{asked['id']}"))["status"]

    assert 'form="details" formnovalidate name="ask" value="da"' in shown.text
    assert 'lang="da"' in danish.text.partition("<head>")[0]
    assert "Det passer ikke" == form_to(danish, f"{place}/decline").fields["reason"].strip()
    assert "requested" == status


async def test_each_form_of_the_pages_settings_keeps_what_was_typed_in_another_language(
    desk: Desk, anna: Organizer
) -> None:
    """A script sends all of them along."""
    before, shown = await anna.events(), await desk.open(PAGE)
    typed = {
        "handle": "another-name",
        "email": "own@elsewhere.example",
        "provider": "url",
        "url_template": "https://meet.example/",
        "ask": "da",
    }

    danish = await asked_in(desk, shown, typed, PAGE)

    assert 'lang="da"' in danish.text.partition("<head>")[0]
    for place, name in (
        (f"{PAGE}/address", "handle"),
        (f"{PAGE}/email", "email"),
        (f"{PAGE}/online-meeting", "provider"),
        (f"{PAGE}/online-meeting", "url_template"),
    ):
        assert typed[name] == form_to(danish, place).fields[name]
    assert before == await anna.events()


async def test_the_address_for_ones_own_data_is_kept_in_another_language(
    service: BookingService,
) -> None:
    async with browsing(service) as client:
        form = form_to(await client.get("/me"), "/me")
        typed = {**form.fields, "email": "vera@visitors.example", "ask": "da"}
        danish = await client.post(form.action, data=typed)

    assert 200 == danish.status_code
    assert 'lang="da"' in danish.text.partition("<head>")[0]
    assert "vera@visitors.example" == form_to(danish, "/me").fields["email"]


async def test_a_text_that_is_too_long_to_be_kept_is_shown_to_be_copied(desk: Desk) -> None:
    shown = await desk.open(NEW)
    text = "".join(chr(0x4E00 + number * 7 % 20000) for number in range(6000))
    form = form_to(shown, NEW)

    told = await desk.http.post(
        form.action, data={**form.fields, "description": text, "ask": "da"}, follow_redirects=False
    )

    assert (200, "What you typed is too long to be kept") == (told.status_code, heading(told))
    assert text in told.text
    assert f"{NEW}?lang=da" in told.text


async def test_who_has_lost_the_role_meanwhile_can_copy_what_was_typed(anna: Organizer) -> None:
    async with signed_in(anna) as client:
        form = form_to(await Desk(client).open(NEW), NEW)
    async with signed_in(anna, "operator") as client:
        refused = await client.post(form.action, data={**form.fields, "title": "Advice & coffee"})

    assert (403, "Your account may not do this") == (refused.status_code, heading(refused))
    assert "Advice &amp; coffee" in refused.text


async def test_a_form_over_a_budget_can_be_copied(service: BookingService) -> None:
    small = {"budget_network": "1/hour", "budget_factor": 1.0}
    typed = {"email": "vera@visitors.example", "reason": "First line\nsecond & last line"}
    async with service.another_process(**small) as other, browsing(other) as visitor:
        answers = [await visitor.post("/me", data=typed) for _ in range(4)]

    refused = [each for each in answers if each.status_code == 429]
    assert refused
    for answer in refused:
        assert "What you typed is below" in answer.text
        assert "second &amp; last line" in answer.text


async def test_what_another_site_sends_over_a_budget_is_not_shown(service: BookingService) -> None:
    small = {"budget_network": "1/hour", "budget_factor": 1.0}
    async with service.another_process(**small) as other, browsing(other) as visitor:
        answers = [
            await visitor.post(
                "/me",
                data={"email": "planted@evil.example"},
                headers={"Origin": "https://evil.example"},
            )
            for _ in range(4)
        ]

    assert 429 in {each.status_code for each in answers}
    for answer in answers:
        assert "planted" not in answer.text


@pytest.mark.parametrize("place", ["/sign-in/callback?error=access_denied", "/sign-out"])
async def test_a_page_of_the_sign_in_can_be_had_in_another_language(
    service: BookingService, place: str
) -> None:
    async with browsing(service) as stranger:
        english = await stranger.get(place)
        link = english.text.partition('hreflang="da"')[0].rpartition('href="')[2].partition('"')[0]
        danish = await stranger.get(link.replace("&amp;", "&").removeprefix(PUBLIC_URL))

    assert english.status_code == danish.status_code
    assert 'lang="da"' in danish.text.partition("<head>")[0]
    assert heading(english) != heading(danish)

"""Another mail address for an organizer's page: mailed a link, proven by its organizer alone."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.capabilities import PAGE_EMAIL
from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    pointers,
    problem,
    vera,
)
from tests.component.booking.browsing import heading, signed_in
from tests.component.booking.form_reading import form_to
from tests.component.booking.organizer_desk import Desk
from tests.component.running import KEYS

REQUEST = "/page/email-request"
PROVE = f"{REQUEST}/prove"
PAGE = "/organizer/page"


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Desk]:
    """Anna in front of her own pages."""
    async with signed_in(anna) as client:
        yield Desk(client)


@pytest.fixture
async def bo(service: BookingService) -> Organizer:
    """Another organizer with a page."""
    other = service.without_page()
    await other.body_of("PUT", "/page", other.profile)
    return other


def own_address() -> str:
    """Return an address that no other test uses."""
    return f"own-{new_id().hex}@elsewhere.example"


async def ask(anna: Organizer, email: str) -> httpx.Response:
    return await anna.call("POST", REQUEST, {"email": email})


async def mailed(service: BookingService, anna: Organizer, number: int = 1) -> str:
    """Return the token of the newest letter, as notifier derives it from the event."""
    event = await service.topics.one(BOOKING_EVENTS, anna.id, "PageEmailRequested", number=number)
    return KeyRing.parse(KEYS).issue(PAGE_EMAIL, event.event.request_id)


async def request_id_of(service: BookingService, anna: Organizer) -> UUID:
    event = await service.topics.one(BOOKING_EVENTS, anna.id, "PageEmailRequested")
    found: UUID = event.event.request_id
    return found


async def address_of(anna: Organizer) -> tuple[str, bool]:
    page = await anna.body_of("GET", "/page")
    return page["email"], page["email_proven"]


async def test_an_address_is_the_pages_once_its_link_is_confirmed_and_not_before(
    service: BookingService, anna: Organizer
) -> None:
    email, before = own_address(), (await address_of(anna))[0]
    asked = await ask(anna, email)
    waiting = (await anna.body_of("GET", REQUEST))["waiting"]
    unproven = await address_of(anna)
    token = await mailed(service, anna)
    proven = await anna.call("POST", PROVE, {"token": token})
    again = await anna.call("POST", PROVE, {"token": token})
    changed = await service.topics.one(BOOKING_EVENTS, anna.id, "PageChanged")

    assert (202, email, email) == (
        asked.status_code,
        asked.json()["email"],
        waiting["email"],
    )
    assert (before, False) == unproven
    assert (200, email, True) == (
        proven.status_code,
        proven.json()["email"],
        proven.json()["email_proven"],
    )
    assert email == changed.event.email
    assert (410, "link-dead") == problem(again)
    assert {"waiting": None} == await anna.body_of("GET", REQUEST)


async def test_the_address_is_in_no_event_before_it_is_proven_and_its_copies_go(
    service: BookingService, anna: Organizer
) -> None:
    email = own_address()
    await ask(anna, email)
    id_ = await request_id_of(service, anna)
    recorded = await service.topics.one(BOOKING_ATTENDEES, id_, "RecipientRecorded")
    stored = await service.booking.rows(
        "SELECT data FROM events WHERE stream = %s", f"page-{anna.id}"
    )
    withdrawn = await anna.call("DELETE", REQUEST)
    ended = await service.topics.one(BOOKING_EVENTS, anna.id, "PageEmailRequestEnded")
    records = await service.topics.until(BOOKING_ATTENDEES, id_, lambda found: len(found) > 1)
    left = await service.booking.rows("SELECT 1 FROM page_emails WHERE email = %s", email)

    assert (email, "da") == (recorded.event.email, recorded.event.locale)
    assert email not in str(stored)
    assert (204, "withdrawn", None) == (
        withdrawn.status_code,
        ended.event.reason,
        records[-1].record.value,
    )
    assert [] == left
    assert (410, "link-dead") == problem(
        await anna.call("POST", PROVE, {"token": await mailed(service, anna)})
    )


async def test_a_link_is_its_organizers_alone(
    service: BookingService, anna: Organizer, bo: Organizer
) -> None:
    before = await address_of(bo)
    await ask(anna, own_address())
    token = await mailed(service, anna)

    assert (410, "link-dead") == problem(await bo.call("POST", PROVE, {"token": token}))
    for wrong in ("", "x", "bwe_" + "A" * 68, token[:-2]):
        assert (410, "link-dead") == problem(await anna.call("POST", PROVE, {"token": wrong}))
    assert before == await address_of(bo)


async def test_the_link_works_until_it_expires_and_the_address_is_forgotten(
    service: BookingService, anna: Organizer
) -> None:
    email = own_address()
    async with service.another_process(page_email_link_minutes=0) as hurried:
        asked = await hurried.call("POST", REQUEST, {"email": email}, anna.headers)
    assert 202 == asked.status_code
    async with service.another_process("timers"):
        token = await mailed(service, anna)
        ended = await service.topics.one(BOOKING_EVENTS, anna.id, "PageEmailRequestEnded")

    left = await service.booking.rows("SELECT 1 FROM page_emails WHERE email = %s", email)
    assert ("expired", []) == (ended.event.reason, left)
    assert (410, "link-dead") == problem(await anna.call("POST", PROVE, {"token": token}))


async def test_another_address_ends_the_link_before_and_an_hour_has_only_so_many_letters(
    service: BookingService, anna: Organizer
) -> None:
    first = await ask(anna, own_address())
    token = await mailed(service, anna)
    second = await ask(anna, own_address())
    third = await ask(anna, second.json()["email"])
    fourth = await ask(anna, own_address())

    assert [202, 202, 202] == [each.status_code for each in (first, second, third)]
    assert (409, "state-conflict") == problem(fourth)
    assert (410, "link-dead") == problem(await anna.call("POST", PROVE, {"token": token}))
    assert second.json()["email"] == (await anna.body_of("GET", REQUEST))["waiting"]["email"]


async def test_a_few_organizers_at_most_have_letters_sent_to_one_address(
    service: BookingService, anna: Organizer
) -> None:
    email = own_address()
    for _ in range(3):
        other = service.without_page()
        await other.body_of("PUT", "/page", other.profile)
        assert 202 == (await ask(other, email.upper())).status_code

    assert (409, "state-conflict") == problem(await ask(anna, email))


async def test_the_same_request_sent_twice_is_one_letter(
    service: BookingService, anna: Organizer
) -> None:
    body, key = {"email": own_address()}, new_id().hex
    answers = [await anna.call("POST", REQUEST, body, idempotency_key=key) for _ in range(2)]
    events = [name for name in await anna.events() if name == "PageEmailRequested"]

    assert [202, 202] == [each.status_code for each in answers]
    assert 1 == len(events)


@pytest.mark.parametrize(
    "email", ["", "anna", "anna@", "a@b@c.example", "=?x?=@x.example", "a\r\nb@x.example", None, 7]
)
async def test_what_is_no_address_is_named_and_changes_nothing(anna: Organizer, email: Any) -> None:
    refused = await anna.call("POST", REQUEST, {"email": email})

    assert (422, {"#/email"}) == (refused.status_code, pointers(refused))
    assert {"waiting": None} == await anna.body_of("GET", REQUEST)


async def test_a_proven_address_stays_when_the_sign_in_has_another_one(
    service: BookingService, anna: Organizer
) -> None:
    email = own_address()
    await ask(anna, email)
    await anna.body_of("POST", PROVE, {"token": await mailed(service, anna)})
    plain = {name: anna.profile[name] for name in ("handle", "time_zone", "locale")}
    moved = service.sign_in.with_claims(
        sub=anna.identity, name="Anna", email="anna.new@bridges.example", roles=["organizer"]
    )
    put = (await service.call("PUT", "/page", plain, moved)).json()
    back = await service.call("POST", REQUEST, {"email": "anna.new@bridges.example"}, moved)

    assert (email, True) == (put["email"], put["email_proven"])
    assert (200, "anna.new@bridges.example", False) == (
        back.status_code,
        back.json()["email"],
        back.json()["email_proven"],
    )


async def test_what_is_booked_afterwards_names_the_proven_address(
    service: BookingService, anna: Organizer
) -> None:
    email = own_address()
    await ask(anna, email)
    await anna.body_of("POST", PROVE, {"token": await mailed(service, anna)})
    await service.held(await anna.meeting_type(), day(3), attendee=vera())
    booked = await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")

    assert email == booked.event.organizer.email


def shown(page: httpx.Response) -> str:
    return re.sub(r"<[^>]+>", "", page.text)


async def test_the_settings_show_what_is_waiting_send_it_again_and_withdraw_it(
    desk: Desk, anna: Organizer
) -> None:
    email = own_address()
    sent = await desk.send(await desk.open(PAGE), f"{PAGE}/email", {"email": email})
    again = await desk.send(sent, f"{PAGE}/email/again")
    withdrawn = await desk.http.post(f"{PAGE}/email/withdraw", data={"form": desk_key(again)})
    events = [name for name in await anna.events() if name.startswith("PageEmail")]

    assert f"A link was mailed to {email}." in shown(sent)
    assert "A link is on its way to the new address." in shown(again)
    assert email not in withdrawn.text
    assert ["Requested", "RequestEnded", "Requested", "RequestEnded"] == [
        name.removeprefix("PageEmail") for name in events
    ]


def desk_key(page: httpx.Response) -> str:
    return form_to(page, f"{PAGE}/email/again").fields["form"]


async def test_the_mailed_link_shows_a_question_and_its_form_proves_the_address(
    service: BookingService, desk: Desk, anna: Organizer, bo: Organizer
) -> None:
    email = own_address()
    await desk.send(await desk.open(PAGE), f"{PAGE}/email", {"email": email})
    link = f"{PAGE}/email/{await mailed(service, anna)}"
    asked = await desk.open(link)
    before = await address_of(anna)
    async with signed_in(bo) as browser:
        foreign = await browser.get(link)
    proven = await desk.send(asked, link)
    over = await desk.open(link)

    assert ("Use this mail address?", False) == (heading(asked), before[1])
    assert email in asked.text
    assert 410 == foreign.status_code
    assert "Your page has the new mail address." in shown(proven)
    assert (email, True) == await address_of(anna)
    assert (410, "This link no longer works") == (over.status_code, heading(over))


@pytest.mark.parametrize("typed", ["", "anna", "anna@", "a" * 300 + "@x.example"])
async def test_a_bad_address_is_named_at_its_field_with_what_was_typed(
    desk: Desk, anna: Organizer, typed: str
) -> None:
    refused = await desk.send(await desk.open(PAGE), f"{PAGE}/email", {"email": typed})

    assert 422 == refused.status_code
    assert 'href="#email"' in refused.text
    assert f'value="{typed}"' in refused.text
    assert {"waiting": None} == await anna.body_of("GET", REQUEST)


async def test_too_many_letters_are_told_at_the_field(desk: Desk, anna: Organizer) -> None:
    for _ in range(3):
        await ask(anna, own_address())
    refused = await desk.send(await desk.open(PAGE), f"{PAGE}/email", {"email": own_address()})

    assert 409 == refused.status_code
    assert "Wait a while, then ask once more." in shown(refused)

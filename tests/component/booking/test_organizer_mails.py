"""What became of each mail, on the organizer's pages: with a real notifier, and without one."""

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import Visitor, heading, signed_in
from tests.component.kafka import eventually, skip_to_the_end
from tests.component.provider import Provider
from tests.component.running import migrated
from tests.running_service import started
from tests.smtp_server import Answer, ScriptedServer

BOOKINGS = "/organizer/bookings"
PUT_OFF: list[Answer] = ["put off"] * 200
NOT_DELIVERED = "A mail about this booking could not be delivered."


@pytest.fixture(scope="module")
async def mail_server() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture(scope="module")
async def with_mails(
    service: BookingService,
    mail_server: ScriptedServer,
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[BookingService]:
    """A process of booking that asks a real notifier, which sends to a real mail server."""
    chosen = service.settings
    named = {
        "BOOKWITH_DATABASE_URL": migrated(database_url_factory("notifier"), "notifier"),
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap,
        "BOOKWITH_OIDC_ISSUER": sign_in.issuer,
        "BOOKWITH_TOKEN_KEYS": chosen.token_keys,
        "BOOKWITH_ORGANIZATION_NAMESPACE": str(chosen.organization_namespace),
        "BOOKWITH_SMTP_URL": mail_server.url,
    }
    await skip_to_the_end(kafka_bootstrap, "notifier")
    with started("notifier", tmp_path_factory.mktemp("notifier") / "log", named) as notifier:
        await asyncio.to_thread(notifier.wait_until_alive)
        async with service.another_process(notifier_url=notifier.address) as other:
            yield other
        await asyncio.to_thread(notifier.stop)  # it leaves its group, which others use


@dataclass(slots=True)
class Mailed:
    """An organizer at their desk, and the mails of whoever books."""

    organizer: Organizer
    desk: Visitor
    server: ScriptedServer

    async def booked(self, *answers: Answer, start: str = "") -> dict[str, Any]:
        """Return a booking of an attendee to whom the mail server answers so."""
        email = f"vera-{new_id()}@visitors.example"
        self.server.answers(email, answers)
        kind = await self.organizer.meeting_type()
        made = await self.organizer.service.reserve(
            kind, start or day(3), attendee={**vera(), "email": email}
        )
        assert 201 == made.status_code, made.text
        found: dict[str, Any] = {**made.json(), "email": email}
        return found

    async def shows(self, booking: dict[str, Any], *words: str) -> str:
        """Return the page of the booking once it has the words."""

        async def page() -> str | None:
            shown = (await self.desk.open(f"{BOOKINGS}/{booking['id']}")).text
            return shown if all(each in html.unescape(_plain(shown)) for each in words) else None

        found: str = await eventually(page, f"a page with {words}")
        return found


def _plain(page: str) -> str:
    return re.sub(r"</?(?:bdi|span)[^>]*>", "", page)


@pytest.fixture
async def mailed(with_mails: BookingService, mail_server: ScriptedServer) -> AsyncIterator[Mailed]:
    organizer = await with_mails.organizer()
    async with signed_in(organizer, service=with_mails) as client:
        yield Mailed(organizer, Visitor(client), mail_server)


async def test_each_mail_says_to_whom_it_went_and_when(mailed: Mailed) -> None:
    booking = await mailed.booked()

    async def both_sent() -> str | None:
        shown = (await mailed.desk.open(f"{BOOKINGS}/{booking['id']}")).text
        return shown if 2 == shown.count(">Sent</span>") else None

    shown: str = await eventually(both_sent)

    part = shown.partition('id="mails"')[2].partition("</section>")[0]
    for words in ("to Vera Visitor", "to you"):
        assert words in _plain(part)
    assert 2 == part.count("Handed to the mail server: ")
    assert "/retry" not in part
    assert NOT_DELIVERED not in shown


async def test_a_mail_that_is_put_off_says_what_the_server_said_and_when_it_is_tried_next(
    mailed: Mailed,
) -> None:
    booking = await mailed.booked(*PUT_OFF)

    await mailed.shows(
        booking,
        "Being retried",
        "Waiting since ",
        "Next try: ",
        "The mail server does not take it at the moment.",
        "Code of the mail server: 451",
        booking["email"],
    )

    mailed.server.script[booking["email"]].clear()
    page = await mailed.desk.open(f"{BOOKINGS}/{booking['id']}")
    if "Try now" in page.text:  # else it has just been tried again by itself
        answer = await mailed.desk.submit(page, "/retry")
        assert "The mail is tried again now." in answer.text
    await eventually(lambda: mailed.server.mails_to(booking["email"]))


async def test_a_mail_that_was_refused_is_sent_again_at_the_organizers_wish(mailed: Mailed) -> None:
    booking = await mailed.booked("refuse recipient")
    shown = await mailed.shows(
        booking,
        NOT_DELIVERED,
        "Not delivered",
        "Given up: ",
        "The mail server does not know the address, or takes no mail for it.",
        "Code of the mail server: 550",
        "Reach the attendee in another way.",
    )
    page = await mailed.desk.open(f"{BOOKINGS}/{booking['id']}")

    answer = await mailed.desk.submit(page, "/retry")
    assert 'href="/organizer/bookings/new"' in shown.partition('id="mails"')[2]
    assert 200 == answer.status_code
    assert "The mail is tried again now." in answer.text
    await eventually(lambda: mailed.server.mails_to(booking["email"]))

    again = await mailed.desk.submit(page, "/retry")
    assert 409 == again.status_code
    assert "The mail has left in the meantime" in again.text
    assert NOT_DELIVERED not in await mailed.shows(booking, "Sent")


async def test_a_mail_that_a_later_one_has_overtaken_is_called_withdrawn(mailed: Mailed) -> None:
    booking = await mailed.booked(*PUT_OFF)
    await mailed.shows(booking, "Being retried")

    cancelled = await mailed.organizer.call("POST", f"/bookings/{booking['id']}/cancel", {})
    assert 200 == cancelled.status_code
    mailed.server.script[booking["email"]].clear()

    await mailed.shows(booking, "Cancellation", "Not needed", "Withdrawn, because the booking has")


async def test_what_was_not_delivered_is_on_the_first_page_and_in_both_lists(
    mailed: Mailed,
) -> None:
    reached, missed = await mailed.booked(), await mailed.booked("refuse", start=day(4))
    await mailed.shows(missed, NOT_DELIVERED)

    overview = await mailed.desk.open("/organizer")
    agenda = await mailed.desk.open(BOOKINGS)
    listed = await mailed.desk.open(f"{BOOKINGS}/list")

    assert "A mail about one of your bookings could not be delivered." in overview.text
    section = agenda.text.partition('id="unreached"')[2].partition("</section>")[0]
    assert missed["id"] in section
    assert reached["id"] not in section
    assert 1 == listed.text.count("Mail not delivered")

    await mailed.organizer.call("POST", f"/bookings/{missed['id']}/cancel", {})

    async def no_sign() -> bool:
        return "could not be delivered" not in (await mailed.desk.open("/organizer")).text

    await eventually(no_sign)  # the cancellation has reached them


async def test_a_foreign_booking_and_a_foreign_mail_are_not_there(
    with_mails: BookingService, mailed: Mailed
) -> None:
    booking = await mailed.booked("refuse")
    await mailed.shows(booking, NOT_DELIVERED)
    page = await mailed.desk.open(f"{BOOKINGS}/{booking['id']}")
    address, fields = mailed.desk.form(page, "/retry")
    other = await with_mails.organizer()

    async with signed_in(other, service=with_mails) as client:
        seen = await client.get(f"{BOOKINGS}/{booking['id']}")
        overview = await client.get("/organizer")
        sent = await client.post(address, data=fields)

    assert 404 == seen.status_code
    assert "could not be delivered" not in overview.text
    assert sent.status_code in (403, 404, 409), sent.text  # a form of another session
    assert [] == mailed.server.mails_to(booking["email"])


async def test_a_mail_of_another_booking_is_not_retried_by_this_ones_form(mailed: Mailed) -> None:
    booking = await mailed.booked("refuse")
    await mailed.shows(booking, NOT_DELIVERED)
    page = await mailed.desk.open(f"{BOOKINGS}/{booking['id']}")
    address, fields = mailed.desk.form(page, "/retry")
    unknown = re.sub(r"/mails/[^/]+/", f"/mails/{new_id()}/", address)

    answer = await mailed.desk.http.post(unknown, data=fields)

    assert "The mail is tried again now." not in answer.text


async def test_danish_pages_say_it_in_danish(mailed: Mailed) -> None:
    booking = await mailed.booked("refuse recipient")
    await mailed.shows(booking, NOT_DELIVERED)

    page = await mailed.desk.open(f"{BOOKINGS}/{booking['id']}?lang=da")
    overview = await mailed.desk.open("/organizer?lang=da")

    for words in ("Bekræftelse", "Ikke leveret", "Mailserverens kode: 550", "Send igen"):
        assert words in page.text
    assert "En mail om en af dine bookinger kunne ikke leveres." in overview.text


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a notifier that takes connections and never answers."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1")
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.parametrize("how", ["away", "silent"])
async def test_without_notifier_the_page_says_so_and_everything_else_works(
    service: BookingService, anna: Organizer, silent: str, how: str
) -> None:
    kind = await anna.meeting_type()
    booking = await service.booked(kind, day(3))
    url = "http://127.0.0.1:1" if how == "away" else silent

    async with (
        service.another_process(notifier_url=url) as other,
        signed_in(anna, service=other) as client,
    ):
        began = time.monotonic()
        page = await client.get(f"{BOOKINGS}/{booking['id']}")
        took = time.monotonic() - began
        others = [await client.get(each) for each in ("/organizer", BOOKINGS, f"{BOOKINGS}/list")]

    assert 200 == page.status_code
    assert "Vera Visitor" == heading(page).replace("<bdi>", "").replace("</bdi>", "")
    assert "What became of the mails cannot be said right now." in page.text
    assert "What has happened" in page.text
    assert [200] * 3 == [each.status_code for each in others]
    assert took < 3


async def test_where_notifier_is_not_named_the_page_has_no_such_part(
    service: BookingService, anna: Organizer
) -> None:
    booking = await service.booked(await anna.meeting_type(), day(3))

    async with signed_in(anna) as client:
        page = await client.get(f"{BOOKINGS}/{booking['id']}")

    assert 200 == page.status_code
    assert 'id="mails"' not in page.text

"""The notifier on real Kafka: what it makes of each kind of record, and what it tells."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest

from contracts.notifier import MailSent
from contracts.topics import BOOKING_EVENTS, NOTIFIER_EVENTS, dead_letter_topic
from deploy.local.stack import LocalStack
from services.chassis.migrations import migrate
from tests.component.notifier.conftest import MIGRATIONS
from tests.component.notifier.journeys import Journey
from tests.component.notifier.running import Booking, Running, booking_side, heard, running
from tests.component.notifier.workshop import KEYS, PUBLIC_URL, eventually
from tests.smtp_server import ScriptedServer


@pytest.fixture(scope="module")
async def inbox() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture(scope="module")
async def notifier(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    provider: LocalStack,
    inbox: ScriptedServer,
) -> AsyncIterator[Running]:
    url = database_url_factory("notifier")
    migrate(url, MIGRATIONS)
    async with running(
        database_url=url,
        kafka_bootstrap_servers=kafka_bootstrap,
        oidc_issuer=provider.oidc_url,
        organization_namespace=UUID(
            provider.environment("notifier")["BOOKWITH_ORGANIZATION_NAMESPACE"]
        ),
        public_url=PUBLIC_URL,
        token_keys=KEYS,
        http_port=1,
        smtp_url=inbox.url,
        sender="Bookwith <bookings@bookwith.example>",
    ) as started:
        yield started


@pytest.fixture(scope="module")
async def booking(kafka_bootstrap: str, notifier: Running) -> AsyncIterator[Booking]:
    async with booking_side(kafka_bootstrap) as side:
        yield side


async def deliveries(
    notifier: Running, provider: LocalStack, journey: Journey, name: str = "otto", **asked: Any
) -> list[dict[str, Any]]:
    answer = await notifier.http.get(
        "/api/notifier/v1/deliveries",
        params={"booking_id": str(journey.booking_id), **asked},
        headers=signed_in(provider, name),
    )
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def signed_in(provider: LocalStack, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {provider.token(name)}"}


async def test_a_confirmed_booking_becomes_two_mails_and_two_events(
    notifier: Running, booking: Booking, inbox: ScriptedServer, kafka_bootstrap: str
) -> None:
    journey = Journey()
    await booking.publish(journey.page_created(), journey.recorded(), journey.confirmed())

    told = await heard(kafka_bootstrap, NOTIFIER_EVENTS, str(journey.organizer_id), 2)

    assert 1 == len(inbox.mails_to(journey.visitor)) == len(inbox.mails_to(journey.organizer))
    sent = [MailSent.model_validate_json(record.value) for record in told]
    assert {"attendee", "organizer"} == {each.recipient for each in sent}
    assert [dict(record.headers)["ce_sequence"] for record in told] == [b"1", b"2"]
    assert {str(journey.booking_id).encode()} == {
        dict(record.headers)["ce_subject"] for record in told
    }
    assert all(journey.visitor.encode() not in record.value for record in told)


async def test_a_record_that_comes_three_times_is_one_mail_to_each_party(
    notifier: Running, booking: Booking, inbox: ScriptedServer
) -> None:
    journey, after = Journey(), Journey()
    confirmed = journey.confirmed()
    await booking.publish(journey.recorded())
    await booking.send(confirmed, confirmed.model_dump_json().encode(), times=3)
    await booking.publish(after.recorded(), after.confirmed())

    await eventually(lambda: inbox.mails_to(after.organizer))
    await eventually(lambda: inbox.mails_to(journey.organizer))

    assert 1 == len(inbox.mails_to(journey.visitor)) == len(inbox.mails_to(journey.organizer))


async def test_an_attendee_who_is_told_of_after_the_booking_gets_the_mail_then(
    notifier: Running, booking: Booking, inbox: ScriptedServer, provider: LocalStack
) -> None:
    journey = Journey()
    await booking.publish(journey.confirmed())

    async def waits() -> bool:
        found = await deliveries(notifier, provider, journey)
        return [each["state"] for each in found] == ["waiting", "waiting"]

    await eventually(waits)
    await booking.publish(journey.recorded())
    await eventually(lambda: inbox.mails_to(journey.visitor))


async def test_an_event_of_a_type_that_it_does_not_know_is_passed_over(
    notifier: Running, booking: Booking, inbox: ScriptedServer
) -> None:
    journey = Journey()
    await booking.send(journey.confirmed(), b"{}", type_="io.bookwith.booking.BookingApplauded.v1")
    await booking.publish(journey.recorded(), journey.confirmed())

    await eventually(lambda: inbox.mails_to(journey.visitor))


async def test_a_poison_record_is_a_dead_letter_and_its_neighbours_are_mailed(
    notifier: Running, booking: Booking, inbox: ScriptedServer, kafka_bootstrap: str
) -> None:
    bad = Journey()
    good = Journey(organizer_id=bad.organizer_id)
    await booking.publish(bad.recorded(), good.recorded())
    await booking.send(bad.confirmed(), b'{"organizer_id": "nobody"}')
    await booking.publish(good.confirmed())
    await booking.publish(bad.cancelled())

    await eventually(lambda: inbox.mails_to(good.visitor))
    topic = dead_letter_topic(BOOKING_EVENTS, "notifier")
    dead = await heard(kafka_bootstrap, topic, str(bad.organizer_id), 2)

    reasons = [dict(record.headers)["dlt_reason"] for record in dead]
    assert reasons == [b"invalid", b"behind"]
    assert inbox.mails_to(bad.visitor) == []


async def test_a_tombstone_drops_the_attendee_and_what_waits_for_them(
    notifier: Running, booking: Booking, inbox: ScriptedServer, provider: LocalStack
) -> None:
    journey = Journey()
    await booking.publish(journey.confirmed())
    await eventually(lambda: deliveries(notifier, provider, journey))
    await booking.publish(journey.erased())

    async def failed() -> bool:
        found = await deliveries(notifier, provider, journey, state="failed")
        return [each["last_error"] for each in found] == ["no_attendee", "no_attendee"]

    await eventually(failed)

    assert inbox.mails_to(journey.organizer) == []


async def test_an_organizer_sees_their_own_deliveries_with_the_addresses(
    notifier: Running, booking: Booking, inbox: ScriptedServer, provider: LocalStack
) -> None:
    journey = Journey(organizer_id=UUID(provider.organizer_id("anna")))
    await booking.publish(journey.recorded(), journey.confirmed())
    await eventually(lambda: inbox.mails_to(journey.visitor))

    own = await deliveries(notifier, provider, journey, "anna")
    foreign = await deliveries(notifier, provider, journey, "bo")
    operated = await deliveries(notifier, provider, journey, "otto")

    assert {journey.visitor, journey.organizer} == {each["address"] for each in own}
    assert foreign == []
    assert [each["address"] for each in operated] == [None, None]
    assert journey.visitor not in json.dumps(operated)


async def test_deliveries_are_listed_page_by_page(
    notifier: Running, booking: Booking, inbox: ScriptedServer, provider: LocalStack
) -> None:
    journey = Journey()
    await booking.publish(journey.recorded(), journey.confirmed())
    await eventually(lambda: deliveries(notifier, provider, journey))
    asked: dict[str, str | int] = {"booking_id": str(journey.booking_id), "limit": 1}
    address, headers = "/api/notifier/v1/deliveries", signed_in(provider, "otto")

    first = (await notifier.http.get(address, params=asked, headers=headers)).json()
    asked["cursor"] = first["next_cursor"]
    second = (await notifier.http.get(address, params=asked, headers=headers)).json()

    assert [len(first["items"]), len(second["items"])] == [1, 1]
    assert first["items"][0]["id"] != second["items"][0]["id"]
    assert second["next_cursor"] is None


async def test_an_operator_has_a_refused_mail_tried_again(
    notifier: Running, booking: Booking, inbox: ScriptedServer, provider: LocalStack
) -> None:
    journey = Journey()
    inbox.answers(journey.visitor, ["refuse"])
    await booking.publish(journey.recorded(), journey.confirmed())
    await eventually(lambda: deliveries(notifier, provider, journey, state="failed"))
    (failed,) = await deliveries(notifier, provider, journey, state="failed")
    address = f"/api/notifier/v1/deliveries/{failed['id']}/retry"

    answer = await notifier.http.post(address, headers=signed_in(provider, "otto"))
    await eventually(lambda: inbox.mails_to(journey.visitor))
    await eventually(lambda: deliveries(notifier, provider, journey, state="sent"))

    assert (answer.status_code, answer.json()["state"]) == (200, "retrying")


async def test_what_is_sent_is_not_sent_again_at_anybodys_wish(
    notifier: Running, booking: Booking, inbox: ScriptedServer, provider: LocalStack
) -> None:
    journey = Journey()
    await booking.publish(journey.recorded(), journey.confirmed())

    async def both_sent() -> bool:
        return len(await deliveries(notifier, provider, journey, state="sent")) == 2

    await eventually(both_sent)
    sent = (await deliveries(notifier, provider, journey))[0]
    address = f"/api/notifier/v1/deliveries/{sent['id']}/retry"

    answers = {
        name: await notifier.http.post(address, headers=signed_in(provider, name))
        for name in ("otto", "anna")
    }
    unknown = await notifier.http.post(
        f"/api/notifier/v1/deliveries/{journey.booking_id}/retry",
        headers=signed_in(provider, "ada"),
    )
    nobody = await notifier.http.post(address)

    assert answers["otto"].json()["type"] == "/problems/state-conflict"
    assert answers["anna"].json()["type"] == "/problems/forbidden"
    assert unknown.json()["type"] == "/problems/not-found"
    assert nobody.json()["type"] == "/problems/unauthenticated"
    assert len(inbox.mails_to(journey.visitor)) == 1


async def test_a_state_that_does_not_exist_is_an_invalid_question(
    notifier: Running, provider: LocalStack
) -> None:
    answer = await notifier.http.get(
        "/api/notifier/v1/deliveries",
        params={"state": "lost"},
        headers=signed_in(provider, "otto"),
    )

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")


async def test_metrics_count_what_was_sent(notifier: Running, booking: Booking) -> None:
    text = (await notifier.http.get("/metrics")).text

    assert 'bookwith_mail_attempts_total{kind="confirmation",outcome="sent"}' in text
    assert "bookwith_mail_seconds_bucket" in text

"""Whatever is sent, notifier answers as its OpenAPI document says, and never with a 5xx."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.app import build
from services.notifier.settings import NotifierSettings
from tests.component.kafka import OtherServices, eventually
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.openapi_answers import Asked, asked_of, check_answer, examples
from tests.component.provider import Provider
from tests.component.running import Running, running, settings
from tests.smtp_server import ScriptedServer

CALLERS = ("organizer", "operator", "administrator", "nobody")


@pytest.fixture
async def notifier(
    notifier_database: str, kafka_bootstrap: str, sign_in: Provider, server: ScriptedServer
) -> AsyncIterator[Running]:
    held = settings(
        NotifierSettings,
        notifier_database,
        kafka_bootstrap,
        sign_in.issuer,
        smtp_url=server.url,
        sender="Bookwith <bookings@bookwith.example>",
    )
    async with running(build, held, "http", "relay", "consumers", "timers") as process:
        yield process


@pytest.fixture(params=CALLERS)
async def asked(
    notifier: Running, other_services: OtherServices, sign_in: Provider, request: Any
) -> Asked:
    """A meeting with its deliveries, and somebody who asks about them."""
    meeting = BookedMeeting(organizer_id=sign_in.id_of("anna"))
    await other_services.publish(meeting.recorded(), meeting.confirmed())

    async def deliveries() -> list[str]:
        rows = await notifier.rows(
            "SELECT id FROM deliveries WHERE booking_id = %s", meeting.booking_id
        )
        return [str(row["id"]) for row in rows]

    known = {
        "delivery_id": await eventually(deliveries),
        "booking_id": [str(meeting.booking_id)],
        "state": ["sent", "failed", "waiting"],
    }
    headers = {
        "organizer": sign_in.signed_in("anna", "organizer"),
        "operator": sign_in.signed_in("otto", "operator"),
        "administrator": sign_in.signed_in("ada", "administrator"),
        "nobody": {},
    }
    return await asked_of(notifier.http, known, headers[request.param])


@examples
@given(data=st.data())
async def test_whatever_is_sent_to_notifier_is_answered_as_the_document_says(
    notifier: Running, asked: Asked, data: st.DataObject
) -> None:
    await check_answer(notifier.http, asked, data)

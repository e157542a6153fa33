"""An attendee's data is in two places only; no token is stored or published anywhere."""

import re

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    problem,
    vera,
)
from tests.component.kafka import eventually
from tests.component.running import LOGGED

WORDS = ("Wilhelmina", "wilhelmina@visitors.example", "a secret about the bridge", "the measles")
TOKEN = re.compile(r"bw[a-z]_[A-Za-z0-9_-]{20,}")


async def whole_journey(service: BookingService, anna: Organizer) -> list[str]:
    """Book by a private link with all that can be said, move, cancel; return the tokens."""
    why = {"id": "why", "label": "Why?"}
    kind = await anna.meeting_type(visibility="private", questions=[why])
    link = await anna.body_of(
        "POST", f"/meeting-types/{kind['id']}/links", {}, Idempotency_Key=key()
    )
    booked = await service.held(
        kind,
        day(3),
        token=link["token"],
        key=key(),
        attendee=vera(name=WORDS[0], email=WORDS[1]),
        answers=[{"question_id": "why", "value": WORDS[2]}],
    )
    for action, body in (
        ("reschedule", {"start": day(4), "reason": WORDS[3]}),
        ("cancel", {"reason": WORDS[3]}),
    ):
        done = await service.manage(booked, action, body, Idempotency_Key=key())
        assert done.is_success
    await service.manage(booked, "confirm", {"attendee": vera(name="\x07", email=WORDS[1])})
    await service.topics.one(BOOKING_EVENTS, anna.id, "BookingCancelled")
    return [link["token"], booked["manage_token"]]


async def test_no_event_of_the_organizer_carries_the_attendee_or_a_token(
    service: BookingService, anna: Organizer
) -> None:
    await whole_journey(service, anna)

    for received in service.topics.of(BOOKING_EVENTS, anna.id):
        text = received.record.value.decode() + repr(received.record.headers)
        assert [] == [word for word in (*WORDS, "America/New_York") if word in text], received.kind
        assert TOKEN.search(text) is None, received.kind


async def test_the_topic_of_attendees_carries_their_data_and_no_token(
    service: BookingService, anna: Organizer
) -> None:
    await whole_journey(service, anna)
    confirmed = await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")
    attendee_id = confirmed.event.attendee_id
    await service.topics.one(BOOKING_ATTENDEES, attendee_id, "AttendeeRecorded", number=3)

    records = service.topics.of(BOOKING_ATTENDEES, attendee_id)

    assert all(word in records[-1].record.value.decode() for word in WORDS)
    assert TOKEN.search(records[-1].record.value.decode()) is None
    assert ["1", "2", "3"] == [each.header("ce_sequence") for each in records]


async def test_the_database_has_the_attendee_in_one_table_and_no_token_at_all(
    service: BookingService, anna: Organizer
) -> None:
    tokens = await whole_journey(service, anna)

    async def all_published() -> bool:
        return not await service.booking.rows("SELECT 1 FROM outbox LIMIT 1")

    await eventually(all_published)
    tables = await service.booking.rows(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    with_person, with_token = set(), set()
    for name in (row["name"] for row in tables):
        text = "\n".join(
            row["text"]
            for row in await service.booking.rows(f'SELECT t::text AS text FROM "{name}" t')
        )
        with_person |= {name for word in WORDS if word in text}
        with_token |= {name for token in tokens if token in text or TOKEN.search(text)}

    assert len(tables) > 10
    assert {"attendees"} == with_person
    assert set() == with_token


async def test_the_logs_have_neither_attendee_nor_token_even_when_a_request_fails(
    service: BookingService, anna: Organizer
) -> None:
    tokens = await whole_journey(service, anna)
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind, max_uses=None)
    await service.held(kind, day(3), token=link["token"])

    async with service.another_process(availability_url="http://127.0.0.1:9") as lonely:
        taken = await lonely.reserve(
            kind, day(3), token=link["token"], attendee=vera(name=WORDS[0], email=WORDS[1])
        )
    logged = LOGGED.getvalue()

    assert ((409, "slot-taken"), []) == (problem(taken), taken.json()["alternatives"])
    assert "neighbour_does_not_answer" in logged
    assert [] == [word for word in (*WORDS, *tokens, link["token"]) if word in logged]
    assert TOKEN.search(logged) is None

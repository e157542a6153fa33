"""Whatever the mail server or the process does, each letter is sent or its failure is told."""

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from services.chassis.postgres.signals import Signals
from services.notifier import store
from services.notifier.domain.attempts import Failed, Sent
from services.notifier.handlers import MAIL, send_next
from services.notifier.mail import Line, MailServer
from services.notifier.worker import Worker
from tests.component.kafka import eventually
from tests.component.notifier.journeys import Journey
from tests.component.notifier.readings import (
    all_in_state,
    causes_of_delay,
    state_is,
)
from tests.component.notifier.workshop import Workshop
from tests.smtp_server import Answer


async def test_while_the_mail_server_is_down_letters_wait_and_go_soon_after_it_is_back(
    workshop: Workshop,
) -> None:
    journeys = [Journey() for _ in range(10)]
    await workshop.server.close()
    for journey in journeys:
        await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        for journey in journeys:
            await eventually(partial(all_in_state, workshop, journey, "retrying"))
        # As after hours: nobody would look at them for minutes, but for one that gets through.
        await workshop.rows(
            "UPDATE deliveries SET next_attempt_at = clock_timestamp() + interval '4 minutes' "
            "WHERE booking_id <> %s RETURNING 1",
            journeys[0].booking_id,
        )
        await workshop.server.open()
        await eventually(lambda: len(workshop.server.taken) == 20)

    assert len({mail["Message-ID"] for mail in workshop.server.taken}) == 20
    events = [event for event, _ in await workshop.staged(journeys[0].organizer_id)]
    assert sorted(events) == ["MailDelayed", "MailDelayed", "MailSent", "MailSent"]


@pytest.mark.parametrize(
    ("answer", "cause", "code"),
    [("refuse", "refused", 554), ("refuse recipient", "recipient_refused", 550)],
)
async def test_a_letter_that_is_refused_for_good_fails_and_its_neighbour_is_sent(
    workshop: Workshop, answer: Answer, cause: str, code: int
) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, [answer])
    await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: len(workshop.server.taken) == 1)
        await eventually(lambda: state_is(workshop, journey, "attendee", "failed"))

    (row,) = await workshop.rows(
        "SELECT last_error, smtp_code FROM deliveries WHERE booking_id = %s AND state = 'failed'",
        journey.booking_id,
    )
    assert {"last_error": cause, "smtp_code": code} == row
    failed = [
        body for event, body in await workshop.staged(journey.organizer_id) if event == "MailFailed"
    ]
    assert [(cause, "attendee", 1)] == [
        (body["cause"], body["recipient"], body["attempt"]) for body in failed
    ]


@pytest.mark.parametrize("answer", ["refuse to relay", "ask to sign in"])
async def test_a_refusal_that_a_setting_mends_is_asked_again(
    workshop: Workshop, answer: Answer
) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, [answer])
    await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "sent"))

    assert ["sender_refused"] == await causes_of_delay(workshop, journey)


async def test_a_server_that_stalls_is_left_and_asked_again(workshop: Workshop) -> None:
    journey = Journey()
    workshop.timeout = 0.4
    workshop.server.answers(journey.visitor, ["stall"])
    await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "sent"))

    assert ["interrupted"] == await causes_of_delay(workshop, journey)


async def test_a_server_that_takes_connections_and_says_nothing_is_one_that_is_away(
    workshop: Workshop,
) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    journey = Journey()
    await workshop.apply(journey.recorded(), journey.confirmed())
    async with await asyncio.start_server(silence, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        mute = MailServer.parse(f"smtp://127.0.0.1:{port}")
        line = Line(mute, greeting="bookwith.example", timeout=10)
        while await send_next(workshop.office(timeout=0.2), line):
            pass

    rows = await workshop.rows(
        "SELECT last_error FROM deliveries WHERE booking_id = %s", journey.booking_id
    )
    assert ["connection"] * 2 == [row["last_error"] for row in rows]


async def test_a_server_that_hangs_up_after_data_gets_the_same_mail_under_the_same_id(
    workshop: Workshop,
) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, ["take and hang up"])
    await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "sent"))

    mails = workshop.server.mails_to(journey.visitor)
    assert len(mails) == 2
    assert len({mail["Message-ID"] for mail in mails}) == 1


async def test_a_claim_whose_holder_died_is_taken_over_and_the_dead_ones_mark_is_refused(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(journey.recorded(), journey.confirmed())
    office = workshop.office()
    async with workshop.database.connection() as connection:
        lost = await store.claim(connection, office.lease)
    assert lost is not None
    await workshop.rows(
        "UPDATE deliveries SET next_attempt_at = clock_timestamp() WHERE id = %s RETURNING 1",
        lost.id,
    )

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "sent"))
    async with workshop.database.connection() as connection:
        settled = await store.settle(connection, lost, Failed("late"), "<x>", lost.claimed_at)

    assert settled is None
    assert await all_in_state(workshop, journey, "sent")
    assert len(workshop.server.taken) == 2


async def test_only_the_newest_claim_may_settle_a_letter_and_only_once(workshop: Workshop) -> None:
    journey = Journey()
    await workshop.apply(journey.confirmed(), journey.recorded())
    office = workshop.office()
    async with workshop.database.connection() as connection:
        await workshop.rows("DELETE FROM deliveries WHERE recipient = 'organizer' RETURNING 1")
        older = await store.claim(connection, office.lease)
        await workshop.rows("UPDATE deliveries SET next_attempt_at = created_at RETURNING 1")
        newer = await store.claim(connection, office.lease)
        assert older is not None
        assert newer is not None
        at = newer.claimed_at
        settled = [
            await store.settle(connection, claim, outcome, "<x>", at) is not None
            for claim, outcome in ((older, Failed("late")), (newer, Sent()), (newer, Sent()))
        ]

    assert settled == [False, True, False]


async def test_a_mail_in_hand_is_finished_when_the_process_is_asked_to_stop(
    workshop: Workshop,
) -> None:
    journey = Journey()
    workshop.server.seconds_for_each = 0.4
    await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: workshop.server.at_once == 2)

    assert await all_in_state(workshop, journey, "sent")
    assert len(workshop.server.taken) == 2


class ForgetfulLine(Line):
    """Loses a cancel that comes while it says goodbye, as aiosmtplib may on Python 3.11."""

    goodbyes = 0

    async def hang_up(self) -> None:
        ForgetfulLine.goodbyes += 1
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.2)
        await super().hang_up()


async def test_a_worker_stops_also_when_the_cancel_is_lost_on_the_way(workshop: Workshop) -> None:
    server = MailServer.parse(workshop.server.url)
    worker = Worker(
        workshop.office(),
        Signals(workshop.database, (MAIL,)),
        lambda: ForgetfulLine(server, greeting="bookwith.example", timeout=1.0),
        senders=2,
    )
    task = asyncio.create_task(worker.run())
    await eventually(lambda: ForgetfulLine.goodbyes >= 2)

    task.cancel()
    await asyncio.wait([task], timeout=10)

    assert task.cancelled()


async def test_an_address_that_is_none_fails_both_letters_and_blocks_nobody(
    workshop: Workshop,
) -> None:
    journey, neighbour = Journey(), Journey()
    await workshop.apply(
        journey.recorded(email="x@y@z"),
        journey.confirmed(),
        neighbour.recorded(),
        neighbour.confirmed(),
    )

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, neighbour, "sent"))
        await eventually(lambda: all_in_state(workshop, journey, "failed"))


async def test_after_the_last_deadline_a_delayed_letter_is_given_up(workshop: Workshop) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, ["put off"])
    await workshop.apply(journey.recorded(), journey.confirmed())
    await workshop.rows("UPDATE deliveries SET give_up_at = clock_timestamp() RETURNING 1")

    async with workshop.worker():
        await eventually(lambda: state_is(workshop, journey, "attendee", "failed"))

    events = await workshop.staged(journey.organizer_id)
    assert [body["cause"] for event, body in events if event == "MailFailed"] == ["too_old"]

"""Whatever the mail server or the process does, each letter is sent or its failure is told."""

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from services.chassis.postgres.signals import Signals
from services.notifier import claims
from services.notifier.claims import Claim, Settlement
from services.notifier.deliveries import MAIL
from services.notifier.domain.delivery import DeliveryStatus
from services.notifier.mail import MailServer, SmtpConnection
from services.notifier.sending import send_due
from services.notifier.worker import Worker
from tests.component.kafka import eventually
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.notifier.direct_notifier import DirectNotifier
from tests.component.notifier.inspection import (
    all_in_state,
    causes_of_delay,
    state_is,
)
from tests.smtp_server import Answer


async def test_letters_wait_for_the_mail_server_and_are_sent_soon_after_it_is_back(
    direct_notifier: DirectNotifier,
) -> None:
    meetings = [BookedMeeting() for _ in range(10)]
    await direct_notifier.server.close()
    for meeting in meetings:
        await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        for meeting in meetings:
            await eventually(partial(all_in_state, direct_notifier, meeting, "retrying"))
        # As after hours: nobody would look at them for minutes, but for one that gets through.
        await direct_notifier.rows(
            "UPDATE deliveries SET next_attempt_at = clock_timestamp() + interval '4 minutes' "
            "WHERE booking_id <> %s RETURNING 1",
            meetings[0].booking_id,
        )
        await direct_notifier.server.open()
        await eventually(lambda: len(direct_notifier.server.taken) == 20)

    assert len({mail["Message-ID"] for mail in direct_notifier.server.taken}) == 20
    events = [event for event, _ in await direct_notifier.staged(meetings[0].organizer_id)]
    assert sorted(events) == ["MailDelayed", "MailDelayed", "MailSent", "MailSent"]


@pytest.mark.parametrize(
    ("answer", "cause", "code"),
    [
        ("refuse", "refused", 554),
        ("refuse recipient", "recipient_refused", 550),
        ("refuse to relay", "recipient_refused", 554),
    ],
)
async def test_a_letter_that_is_refused_permanently_fails_and_the_other_one_is_sent(
    direct_notifier: DirectNotifier, answer: Answer, cause: str, code: int
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.answers(meeting.visitor, [answer])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 1)
        await eventually(lambda: state_is(direct_notifier, meeting, "attendee", "failed"))

    (row,) = await direct_notifier.rows(
        "SELECT last_error, smtp_code FROM deliveries WHERE booking_id = %s AND state = 'failed'",
        meeting.booking_id,
    )
    assert {"last_error": cause, "smtp_code": code} == row
    failed = [
        body
        for event, body in await direct_notifier.staged(meeting.organizer_id)
        if event == "MailFailed"
    ]
    assert [(cause, "attendee", 1)] == [
        (body["cause"], body["recipient"], body["attempt"]) for body in failed
    ]


async def test_a_refusal_that_a_setting_can_correct_is_retried(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.answers(meeting.visitor, ["ask to sign in"])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))

    assert ["sender_refused"] == await causes_of_delay(direct_notifier, meeting)


async def test_a_server_that_stalls_is_disconnected_and_retried(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.timeout = 0.4
    direct_notifier.server.answers(meeting.visitor, ["stall"])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))

    assert ["interrupted"] == await causes_of_delay(direct_notifier, meeting)


async def test_a_server_that_accepts_connections_and_never_replies_counts_as_unreachable(
    direct_notifier: DirectNotifier,
) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        finally:
            writer.transport.abort()

    meeting = BookedMeeting()
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
    async with await asyncio.start_server(silence, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        mute = MailServer.parse(f"smtp://127.0.0.1:{port}")
        smtp = SmtpConnection(mute, local_hostname="bookwith.example", timeout=10)
        while await send_due(direct_notifier.context(timeout=0.2), smtp):
            pass

    rows = await direct_notifier.rows(
        "SELECT last_error FROM deliveries WHERE booking_id = %s", meeting.booking_id
    )
    assert ["connection"] * 2 == [row["last_error"] for row in rows]


async def test_a_server_that_disconnects_after_data_gets_the_mail_again_under_the_same_id(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.answers(meeting.visitor, ["take and hang up"])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))

    mails = direct_notifier.server.mails_to(meeting.visitor)
    assert len(mails) == 2
    assert len({mail["Message-ID"] for mail in mails}) == 1


def settlement(claim: Claim, state: DeliveryStatus) -> Settlement:
    return Settlement(
        claim=claim,
        state=state,
        due=claim.claimed_at,
        cause=None,
        code=None,
        message_id="<x>",
        sent_at=None,
        staged=None,
    )


async def test_an_expired_claim_is_taken_over_and_its_first_holder_cannot_settle_it(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
    context = direct_notifier.context()
    async with direct_notifier.database.connection() as connection:
        [lost] = await claims.claim(connection, context.lease)
    await direct_notifier.rows(
        "UPDATE deliveries SET next_attempt_at = clock_timestamp() WHERE id = %s RETURNING 1",
        lost.id,
    )

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))
    async with direct_notifier.database.connection() as connection:
        settled = await claims.settle(connection, [settlement(lost, "failed")])

    assert settled == {}
    assert await all_in_state(direct_notifier, meeting, "sent")
    assert len(direct_notifier.server.taken) == 2


async def test_only_the_newest_claim_settles_a_letter_and_only_once(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(meeting.confirmed(), meeting.recorded())
    context = direct_notifier.context()
    async with direct_notifier.database.connection() as connection:
        await direct_notifier.rows(
            "DELETE FROM deliveries WHERE recipient = 'organizer' RETURNING 1"
        )
        [older] = await claims.claim(connection, context.lease)
        await direct_notifier.rows("UPDATE deliveries SET next_attempt_at = created_at RETURNING 1")
        [newer] = await claims.claim(connection, context.lease)
        outcomes: list[tuple[Claim, DeliveryStatus]] = [
            (older, "failed"),
            (newer, "sent"),
            (newer, "sent"),
        ]
        settled = [
            bool(await claims.settle(connection, [settlement(claim, state)]))
            for claim, state in outcomes
        ]

    assert settled == [False, True, False]


async def test_a_mail_that_is_being_sent_is_finished_before_the_process_stops(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.seconds_for_each = 0.4
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: direct_notifier.server.at_once == 2)

    assert await all_in_state(direct_notifier, meeting, "sent")
    assert len(direct_notifier.server.taken) == 2


class CancelLosingConnection(SmtpConnection):
    """Loses a cancel that comes while it quits, as aiosmtplib may on Python 3.11."""

    quits = 0

    async def quit(self) -> None:
        CancelLosingConnection.quits += 1
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.2)
        await super().quit()


async def test_a_worker_stops_even_when_its_cancel_is_lost(direct_notifier: DirectNotifier) -> None:
    server = MailServer.parse(direct_notifier.server.url)
    worker = Worker(
        direct_notifier.context(),
        Signals(direct_notifier.database, (MAIL,)),
        lambda: CancelLosingConnection(server, local_hostname="bookwith.example", timeout=1.0),
        senders=2,
    )
    task = asyncio.create_task(worker.run())
    await eventually(lambda: CancelLosingConnection.quits >= 2)

    task.cancel()
    await asyncio.wait([task], timeout=10)

    assert task.cancelled()


async def test_an_invalid_address_fails_both_letters_and_delays_no_other(
    direct_notifier: DirectNotifier,
) -> None:
    meeting, neighbour = BookedMeeting(), BookedMeeting()
    await direct_notifier.apply(
        meeting.recorded(email="x@y@z"),
        meeting.confirmed(),
        neighbour.recorded(),
        neighbour.confirmed(),
    )

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, neighbour, "sent"))
        await eventually(lambda: all_in_state(direct_notifier, meeting, "failed"))


async def test_a_delayed_letter_fails_after_its_last_deadline(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.answers(meeting.visitor, ["put off"])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
    await direct_notifier.rows("UPDATE deliveries SET give_up_at = clock_timestamp() RETURNING 1")

    async with direct_notifier.worker():
        await eventually(lambda: state_is(direct_notifier, meeting, "attendee", "failed"))

    events = await direct_notifier.staged(meeting.organizer_id)
    assert [body["cause"] for event, body in events if event == "MailFailed"] == ["too_old"]


async def test_a_server_with_enough_connections_is_left_alone_and_gets_all_over_the_others(
    direct_notifier: DirectNotifier,
) -> None:
    server, meetings = direct_notifier.server, [BookedMeeting() for _ in range(20)]
    server.most_connections, server.seconds_for_each = 1, 0.05
    for meeting in meetings:
        await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker(senders=4):
        await eventually(lambda: len(server.taken) == 40)

    # At once for the other three, and after pauses of 1, 2 and 4 seconds for one of them.
    assert 1 <= server.refused_connections <= 6
    assert len({mail["Message-ID"] for mail in server.taken}) == 40


async def test_a_kept_connection_that_the_server_has_closed_costs_no_letter_its_attempt(
    direct_notifier: DirectNotifier,
) -> None:
    first, second = BookedMeeting(), BookedMeeting()
    async with direct_notifier.worker(senders=1):
        await direct_notifier.apply(first.recorded(), first.confirmed())
        await eventually(lambda: all_in_state(direct_notifier, first, "sent"))
        direct_notifier.server.disconnect_all()
        await direct_notifier.apply(second.recorded(), second.confirmed())
        await eventually(lambda: all_in_state(direct_notifier, second, "sent"))

    assert [] == await causes_of_delay(direct_notifier, second)


async def test_letters_share_a_connection(direct_notifier: DirectNotifier) -> None:
    async with direct_notifier.worker(senders=1):
        for meeting in (BookedMeeting(), BookedMeeting()):
            await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
            await eventually(partial(all_in_state, direct_notifier, meeting, "sent"))

    assert 1 == direct_notifier.server.accepted_connections

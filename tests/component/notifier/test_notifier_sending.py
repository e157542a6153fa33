"""Each letter leaves once, in order, while it is still wanted, whatever the mail server does."""

import asyncio
from contextlib import suppress
from email.message import EmailMessage
from functools import partial

import pytest

from services.chassis.signals import Signals
from services.notifier import consumers, store
from services.notifier.domain.attempts import Failed, Sent
from services.notifier.handlers import MAIL, send_next
from services.notifier.mail import Line, MailServer
from services.notifier.worker import Worker
from tests.component.kafka import eventually
from tests.component.notifier.journeys import Journey
from tests.component.notifier.workshop import Workshop
from tests.component.running import PUBLIC_URL
from tests.smtp_server import Answer


def sequences(mails: list[EmailMessage]) -> list[tuple[str, int]]:
    """Return METHOD and SEQUENCE of each mail's calendar part."""
    found = []
    for mail in mails:
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                lines = content.decode().splitlines()
                sequence = next(line for line in lines if line.startswith("SEQUENCE:"))
                found.append((str(part.get_param("method")), int(sequence.partition(":")[2])))
    return found


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def put_far_off(workshop: Workshop) -> None:
    """Let hours pass: by now nobody looks at a delayed letter for minutes."""
    await workshop.rows(
        "UPDATE deliveries SET next_attempt_at = clock_timestamp() + interval '4 minutes' "
        "WHERE state = 'retrying' RETURNING 1"
    )


async def all_in_state(workshop: Workshop, journey: Journey, state: str) -> bool:
    return set((await workshop.states(journey.booking_id)).values()) == {state}


async def test_both_parties_get_their_own_letter_and_subscribers_hear_of_each(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(journey.page_created(), journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: len(workshop.server.taken) == 2)
        await eventually(lambda: all_in_state(workshop, journey, "sent"))

    (to_visitor,) = workshop.server.mails_to(journey.visitor)
    (to_organizer,) = workshop.server.mails_to(journey.organizer)
    assert [("REQUEST", 0)] == sequences([to_visitor]) == sequences([to_organizer])
    assert f"{PUBLIC_URL}/m/bwm_" in text_of(to_visitor)
    assert "bwm_" not in to_organizer.as_string()
    assert "America/New_York" in text_of(to_visitor)
    assert "Europe/Copenhagen" in text_of(to_organizer)
    assert to_visitor["Content-Language"] == "en"
    assert to_organizer["Content-Language"] == "da"
    staged = await workshop.staged(journey.organizer_id)
    assert [event for event, _ in staged] == ["MailSent", "MailSent"]
    assert {to_visitor["Message-ID"], to_organizer["Message-ID"]} == {
        body["message_id"] for _, body in staged
    }


async def test_a_page_locked_to_its_zone_has_that_zone_in_the_visitors_mail(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(
        journey.page_created(time_zone_locked=True), journey.recorded(), journey.confirmed()
    )

    async with workshop.worker():
        await eventually(lambda: workshop.server.mails_to(journey.visitor))

    assert "Europe/Copenhagen" in text_of(workshop.server.mails_to(journey.visitor)[0])


async def test_an_event_that_is_applied_twice_owes_and_sends_nothing_more(
    workshop: Workshop,
) -> None:
    journey = Journey()
    confirmed = journey.confirmed()
    await workshop.apply(journey.recorded(), confirmed, confirmed)

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "sent"))
        await workshop.apply(confirmed)
        await asyncio.sleep(0.7)

    assert len(workshop.server.taken) == 2


async def test_letters_wait_until_the_attendees_data_is_there(workshop: Workshop) -> None:
    journey = Journey()
    await workshop.apply(journey.confirmed())

    async with workshop.worker():
        await asyncio.sleep(0.7)
        assert workshop.server.taken == []
        assert await all_in_state(workshop, journey, "waiting")

        await workshop.apply(journey.recorded())
        await eventually(lambda: all_in_state(workshop, journey, "sent"))


async def test_a_letter_whose_booking_has_moved_on_is_dropped_and_the_newest_one_goes(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(
        journey.confirmed(), journey.rescheduled(), journey.rescheduled(), journey.recorded()
    )

    async with workshop.worker():
        await eventually(lambda: len(workshop.server.taken) == 2)

    assert {
        key: state
        for key, state in (await workshop.states(journey.booking_id)).items()
        if key[0] == "attendee"
    } == {
        ("attendee", 0): "overtaken",
        ("attendee", 1): "overtaken",
        ("attendee", 2): "sent",
    }
    assert sequences(workshop.server.taken) == [("REQUEST", 2)] * 2


async def test_a_cancel_is_sent_also_to_those_whose_request_was_overtaken(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(
        journey.confirmed(), journey.rescheduled(), journey.cancelled(), journey.recorded()
    )

    async with workshop.worker():
        await eventually(lambda: len(workshop.server.taken) == 2)
        await asyncio.sleep(0.7)

    assert sequences(workshop.server.taken) == [("CANCEL", 2)] * 2


async def test_a_cancel_waits_for_the_request_that_is_on_its_way(workshop: Workshop) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, ["take slowly"])
    await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: workshop.server.at_once)
        await workshop.apply(journey.cancelled())
        await eventually(lambda: len(workshop.server.taken) == 4)

    to_visitor = workshop.server.mails_to(journey.visitor)
    assert sequences(to_visitor) == [("REQUEST", 0), ("CANCEL", 1)]


async def test_a_letter_that_is_put_off_and_then_overtaken_never_leaves(
    workshop: Workshop,
) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, ["put off", "put off", "put off", "put off"])
    await workshop.apply(journey.recorded(), journey.confirmed())
    line = workshop.line()
    while await send_next(workshop.office(), line):
        pass
    workshop.server.script[journey.visitor].clear()
    await put_far_off(workshop)

    await workshop.apply(journey.cancelled())
    async with workshop.worker():
        await eventually(lambda: len(workshop.server.mails_to(journey.visitor)) == 1)

    assert sequences(workshop.server.mails_to(journey.visitor)) == [("CANCEL", 1)]


async def test_two_workers_send_each_letter_once_and_several_at_a_time(
    workshop: Workshop,
) -> None:
    journeys = [Journey() for _ in range(30)]
    workshop.server.seconds_for_each = 0.02
    for journey in journeys:
        await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker(), workshop.worker():
        await eventually(lambda: len(workshop.server.taken) >= 60)
        await asyncio.sleep(0.7)

    assert len(workshop.server.taken) == 60
    assert len({mail["Message-ID"] for mail in workshop.server.taken}) == 60
    assert workshop.server.most_at_once > 1


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
        await eventually(lambda: _state(workshop, journey, "attendee", "failed"))

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


async def test_a_server_that_stalls_is_left_and_asked_again(workshop: Workshop) -> None:
    journey = Journey()
    workshop.timeout = 0.4
    workshop.server.answers(journey.visitor, ["stall"])
    await workshop.apply(journey.recorded(), journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "sent"))

    delayed = [
        body["cause"]
        for event, body in await workshop.staged(journey.organizer_id)
        if event == "MailDelayed"
    ]
    assert delayed == ["interrupted"]


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


async def test_a_change_waits_a_moment_for_the_words_that_were_said_with_it(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(journey.confirmed(), journey.rescheduled())

    waits = await workshop.rows(
        "SELECT DISTINCT kind, date_trunc('second', next_attempt_at - created_at "
        "+ interval '0.1 seconds') AS pause FROM deliveries ORDER BY kind"
    )

    assert [(row["kind"], row["pause"].total_seconds()) for row in waits] == [
        ("change", 1),
        ("confirmation", 0),
    ]


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


async def test_letters_of_somebody_who_is_erased_never_leave(workshop: Workshop) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, ["put off"])
    workshop.server.answers(journey.organizer, ["put off"])
    await workshop.apply(journey.recorded(), journey.confirmed())
    line = workshop.line()
    while await send_next(workshop.office(), line):
        pass
    await put_far_off(workshop)
    async with workshop.database.transaction() as connection:
        await consumers.on_attendee_erased(connection, str(journey.attendee_id))

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "failed"))

    assert workshop.server.taken == []
    assert (
        await workshop.rows("SELECT 1 FROM attendees WHERE attendee_id = %s", journey.attendee_id)
        == []
    )
    events = await workshop.staged(journey.organizer_id)
    assert [body["cause"] for event, body in events if event == "MailFailed"] == [
        "no_attendee",
        "no_attendee",
    ]


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


async def test_a_reason_is_told_with_the_change_it_was_given_for_and_with_no_other(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(journey.recorded(), journey.confirmed())
    words = "The bridge is closed"

    async with workshop.worker():
        await eventually(lambda: len(workshop.server.taken) == 2)
        # The event comes first, as it may: the words travel on another topic.
        await workshop.apply(journey.rescheduled(), journey="the move")
        await workshop.apply(journey.recorded(change_reason=words), journey="the move")
        await eventually(lambda: len(workshop.server.taken) == 4)
        await workshop.apply(journey.cancelled(), journey="a silent cancel")
        await eventually(lambda: len(workshop.server.taken) == 6)

    told = [words in text_of(mail) for mail in workshop.server.mails_to(journey.organizer)]
    assert told == [False, True, False]


async def test_after_the_last_deadline_a_delayed_letter_is_given_up(workshop: Workshop) -> None:
    journey = Journey()
    workshop.server.answers(journey.visitor, ["put off"])
    await workshop.apply(journey.recorded(), journey.confirmed())
    await workshop.rows("UPDATE deliveries SET give_up_at = clock_timestamp() RETURNING 1")

    async with workshop.worker():
        await eventually(lambda: _state(workshop, journey, "attendee", "failed"))

    events = await workshop.staged(journey.organizer_id)
    assert [body["cause"] for event, body in events if event == "MailFailed"] == ["too_old"]


async def test_what_is_told_about_a_mail_belongs_to_the_chain_of_the_booking(
    workshop: Workshop,
) -> None:
    journey = Journey()
    await workshop.apply(journey.recorded(), journey.confirmed(), journey="from the first click")

    async with workshop.worker():
        await eventually(lambda: all_in_state(workshop, journey, "sent"))

    headers = await workshop.rows(
        "SELECT headers FROM outbox WHERE key = %s", str(journey.organizer_id)
    )
    assert ["from the first click" in row["headers"] for row in headers] == [True, True]


async def _state(workshop: Workshop, journey: Journey, recipient: str, state: str) -> bool:
    return (await workshop.states(journey.booking_id))[recipient, 0] == state

"""Each letter leaves once, in order, and only while it is still wanted."""

import asyncio

import pytest

from contracts import booking
from services.notifier import consumers, worker
from services.notifier.sending import send_due
from tests.component.kafka import eventually
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.notifier.direct_notifier import DirectNotifier
from tests.component.notifier.inspection import (
    all_in_state,
    calendar_of,
    delay_by_minutes,
    sequences,
    state_is,
    text_of,
)
from tests.component.running import PUBLIC_URL


async def test_both_parties_get_a_letter_and_each_is_published(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(meeting.page_created(), meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 2)
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))

    (to_visitor,) = direct_notifier.server.mails_to(meeting.visitor)
    (to_organizer,) = direct_notifier.server.mails_to(meeting.organizer)
    assert [("REQUEST", 0)] == sequences([to_visitor]) == sequences([to_organizer])
    assert f"{PUBLIC_URL}/m/bwm_" in text_of(to_visitor)
    assert "bwm_" not in to_organizer.as_string()
    assert "America/New York" in text_of(to_visitor)
    assert "Europe/Copenhagen" in text_of(to_organizer)
    assert to_visitor["Content-Language"] == "en"
    assert to_organizer["Content-Language"] == "da"
    staged = await direct_notifier.staged(meeting.organizer_id)
    assert [event for event, _ in staged] == ["MailSent", "MailSent"]
    assert {to_visitor["Message-ID"], to_organizer["Message-ID"]} == {
        body["message_id"] for _, body in staged
    }


async def test_the_organizer_reads_the_answers_under_the_questions_as_they_were_asked(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    answers = (
        booking.Answer(question_id="topic", label="What is it about?", value="The old bridge"),
        booking.Answer(question_id="of-before", value=True),
    )
    await direct_notifier.apply(
        meeting.page_created(locale="en"),
        meeting.recorded(answers=answers),
        meeting.confirmed(),
    )

    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 2)

    (to_visitor,) = direct_notifier.server.mails_to(meeting.visitor)
    (to_organizer,) = direct_notifier.server.mails_to(meeting.organizer)
    read = text_of(to_organizer).splitlines()
    assert {"What is it about?: The old bridge", "of-before: yes"} <= set(read)
    assert "What is it about?: The old bridge\\nof-before: yes" in calendar_of(to_organizer)
    assert "The old bridge" not in text_of(to_visitor)


async def test_the_visitors_mail_shows_the_zone_of_a_page_that_is_locked_to_it(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(
        meeting.page_created(time_zone_locked=True), meeting.recorded(), meeting.confirmed()
    )

    async with direct_notifier.worker():
        await eventually(lambda: direct_notifier.server.mails_to(meeting.visitor))

    assert "Europe/Copenhagen" in text_of(direct_notifier.server.mails_to(meeting.visitor)[0])


async def test_mail_about_older_bookings_goes_to_the_organizers_new_address(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    page = meeting.page_created(
        email="anna@elsewhere.example", time_zone="America/New_York", time_zone_locked=True
    )
    moved = booking.PageChanged(**{name: getattr(page, name) for name in type(page).model_fields})
    await direct_notifier.apply(
        meeting.page_created(), meeting.recorded(), moved, meeting.confirmed()
    )

    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 2)

    [to_organizer] = direct_notifier.server.mails_to("anna@elsewhere.example")
    [to_visitor] = direct_notifier.server.mails_to(meeting.visitor)
    for mail in (to_organizer, to_visitor):
        assert "America/New York" in text_of(mail)
    assert "anna@elsewhere.example" in to_visitor["Reply-To"]
    assert f"mailto:{meeting.organizer}" in calendar_of(to_visitor)
    assert "mailto:anna@elsewhere.example" in calendar_of(to_organizer)


async def test_an_event_that_is_applied_twice_enqueues_and_sends_once(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    confirmed = meeting.confirmed()
    await direct_notifier.apply(meeting.recorded(), confirmed, confirmed)

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))
        await direct_notifier.apply(confirmed)
        await asyncio.sleep(0.7)

    assert len(direct_notifier.server.taken) == 2


async def test_letters_wait_for_the_attendees_data(direct_notifier: DirectNotifier) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(meeting.confirmed())

    async with direct_notifier.worker():
        await asyncio.sleep(0.7)
        assert direct_notifier.server.taken == []
        assert await all_in_state(direct_notifier, meeting, "waiting")

        await direct_notifier.apply(meeting.recorded())
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))


async def test_only_the_letter_about_the_newest_version_of_a_booking_is_sent(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(
        meeting.confirmed(), meeting.rescheduled(), meeting.rescheduled(), meeting.recorded()
    )

    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 2)

    assert {
        key: state
        for key, state in (await direct_notifier.states(meeting.booking_id)).items()
        if key[0] == "attendee"
    } == {
        ("attendee", 0): "overtaken",
        ("attendee", 1): "overtaken",
        ("attendee", 2): "sent",
    }
    assert sequences(direct_notifier.server.taken) == [("REQUEST", 2)] * 2


async def test_a_cancellation_is_sent_even_if_the_request_was_overtaken(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(
        meeting.confirmed(), meeting.rescheduled(), meeting.cancelled(), meeting.recorded()
    )

    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 2)
        await asyncio.sleep(0.7)

    assert sequences(direct_notifier.server.taken) == [("CANCEL", 2)] * 2


async def test_a_cancellation_waits_for_the_request_that_is_being_sent(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.answers(meeting.visitor, ["take slowly"])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: direct_notifier.server.at_once)
        await direct_notifier.apply(meeting.cancelled())
        await eventually(lambda: len(direct_notifier.server.taken) == 4)

    to_visitor = direct_notifier.server.mails_to(meeting.visitor)
    assert sequences(to_visitor) == [("REQUEST", 0), ("CANCEL", 1)]


async def test_a_delayed_letter_that_is_overtaken_is_never_sent(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.answers(meeting.visitor, ["put off", "put off", "put off", "put off"])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
    smtp = direct_notifier.smtp()
    while await send_due(direct_notifier.context(), smtp):
        pass
    direct_notifier.server.script[meeting.visitor].clear()
    await delay_by_minutes(direct_notifier)

    await direct_notifier.apply(meeting.cancelled())
    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.mails_to(meeting.visitor)) == 1)

    assert sequences(direct_notifier.server.mails_to(meeting.visitor)) == [("CANCEL", 1)]


async def test_two_workers_send_each_letter_once_and_several_at_the_same_time(
    direct_notifier: DirectNotifier,
) -> None:
    meetings = [BookedMeeting() for _ in range(30)]
    direct_notifier.server.seconds_for_each = 0.02
    for meeting in meetings:
        await direct_notifier.apply(meeting.recorded(), meeting.confirmed())

    async with direct_notifier.worker(), direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) >= 60)
        await asyncio.sleep(0.7)

    assert len(direct_notifier.server.taken) == 60
    assert len({mail["Message-ID"] for mail in direct_notifier.server.taken}) == 60
    assert direct_notifier.server.most_at_once > 1


async def test_a_letter_waits_for_the_record_that_its_event_names_however_late_it_comes(
    direct_notifier: DirectNotifier,
) -> None:
    meeting, words = BookedMeeting(names_records=True), "The bridge is closed"
    await direct_notifier.apply(meeting.recorded(ics_sequence=0), meeting.confirmed())

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))
        await direct_notifier.apply(meeting.cancelled())
        await asyncio.sleep(2)
        assert len(direct_notifier.server.taken) == 2
        await direct_notifier.apply(meeting.recorded(ics_sequence=1, change_reason=words))
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))

    [_, to_visitor] = direct_notifier.server.mails_to(meeting.visitor)
    [_, to_organizer] = direct_notifier.server.mails_to(meeting.organizer)
    assert words in text_of(to_visitor)
    assert words not in text_of(to_organizer)  # the organizer's own words


async def test_a_letter_leaves_without_the_record_once_it_has_waited_for_a_minute(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting(names_records=True)
    await direct_notifier.apply(meeting.recorded(ics_sequence=0), meeting.cancelled())
    await direct_notifier.rows(
        "UPDATE deliveries SET created_at = created_at - interval '61 seconds' RETURNING 1"
    )

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))


async def test_a_record_of_a_later_change_stands_for_the_ones_before_but_not_with_its_reason(
    direct_notifier: DirectNotifier,
) -> None:
    meeting, words = BookedMeeting(names_records=True), "The bridge is closed"
    await direct_notifier.apply(
        meeting.cancelled(), meeting.recorded(ics_sequence=2, change_reason=words)
    )

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))

    assert not any(words in text_of(mail) for mail in direct_notifier.server.taken)


async def test_no_letter_waits_for_a_look_at_the_tables_also_not_behind_another_of_its_booking(
    direct_notifier: DirectNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 60.0)
    meeting = BookedMeeting(names_records=True)
    confirmed, moved, cancelled = (
        meeting.confirmed(),
        meeting.rescheduled(),
        meeting.cancelled(),
    )
    direct_notifier.server.answers(meeting.visitor, ["take slowly"])

    async with direct_notifier.worker(senders=2), asyncio.timeout(20):
        await direct_notifier.apply(meeting.recorded(ics_sequence=0), confirmed)
        await eventually(lambda: direct_notifier.server.at_once)
        # The record comes last, and the move in between is overtaken.
        await direct_notifier.apply(moved, cancelled)
        await direct_notifier.apply(meeting.recorded(ics_sequence=2))
        await eventually(lambda: len(direct_notifier.server.taken) == 4)

    assert [("REQUEST", 0), ("CANCEL", 2)] == sequences(
        direct_notifier.server.mails_to(meeting.visitor)
    )


async def test_columns_of_a_newer_schema_do_not_disturb_a_notifier_that_runs(
    direct_notifier: DirectNotifier,
) -> None:
    before, after = BookedMeeting(), BookedMeeting()
    tables = ("deliveries", "attendees", "meetings", "organizers", "outbox", "inbox", "sequences")

    async with direct_notifier.worker(senders=1):
        await direct_notifier.apply(before.page_created(), before.recorded(), before.confirmed())
        await eventually(lambda: all_in_state(direct_notifier, before, "sent"))
        async with direct_notifier.database.connection() as connection:
            for table in tables:
                await connection.execute(
                    f"ALTER TABLE {table} ADD COLUMN of_tomorrow text".encode()
                )
        try:
            await direct_notifier.apply(after.page_created(), after.recorded(), after.confirmed())
            await eventually(lambda: all_in_state(direct_notifier, after, "sent"))
        finally:
            async with direct_notifier.database.connection() as connection:
                for table in tables:
                    await connection.execute(
                        f"ALTER TABLE {table} DROP COLUMN of_tomorrow".encode()
                    )


async def test_letters_to_an_erased_attendee_are_never_sent(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    direct_notifier.server.answers(meeting.visitor, ["put off"])
    direct_notifier.server.answers(meeting.organizer, ["put off"])
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
    smtp = direct_notifier.smtp()
    while await send_due(direct_notifier.context(), smtp):
        pass
    await delay_by_minutes(direct_notifier)
    async with direct_notifier.database.transaction() as connection:
        await consumers.on_attendee_erased(connection, str(meeting.attendee_id))

    async with direct_notifier.worker():
        await eventually(lambda: direct_notifier.server.taken)
        await eventually(lambda: state_is(direct_notifier, meeting, "attendee", "failed"))

    [letter] = direct_notifier.server.mails_to(meeting.organizer)
    assert "A Visitor of Bridges" not in letter.as_string()
    assert (
        await direct_notifier.rows(
            "SELECT 1 FROM attendees WHERE attendee_id = %s", meeting.attendee_id
        )
        == []
    )
    events = await direct_notifier.staged(meeting.organizer_id)
    assert [body["cause"] for event, body in events if event == "MailFailed"] == [
        "no_attendee",
    ]


async def test_a_reason_is_only_in_the_letter_about_its_own_change(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(meeting.recorded(), meeting.confirmed())
    words = "The bridge is closed"

    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 2)
    # The event comes first, as it may: the words travel on another topic. An event of an earlier
    # version of booking names no record that could be waited for, so no worker looks in between.
    await direct_notifier.apply(meeting.rescheduled(), correlation_id="the move")
    await direct_notifier.apply(meeting.recorded(change_reason=words), correlation_id="the move")
    async with direct_notifier.worker():
        await eventually(lambda: len(direct_notifier.server.taken) == 4)
        await direct_notifier.apply(meeting.cancelled(), correlation_id="a silent cancel")
        await eventually(lambda: len(direct_notifier.server.taken) == 6)

    told = [words in text_of(mail) for mail in direct_notifier.server.mails_to(meeting.organizer)]
    assert told == [False, True, False]


async def test_the_published_event_about_a_mail_has_the_correlation_id_of_the_booking(
    direct_notifier: DirectNotifier,
) -> None:
    meeting = BookedMeeting()
    await direct_notifier.apply(
        meeting.recorded(), meeting.confirmed(), correlation_id="from the first click"
    )

    async with direct_notifier.worker():
        await eventually(lambda: all_in_state(direct_notifier, meeting, "sent"))

    headers = await direct_notifier.rows(
        "SELECT headers FROM outbox WHERE key = %s", str(meeting.organizer_id)
    )
    assert ["from the first click" in row["headers"] for row in headers] == [True, True]

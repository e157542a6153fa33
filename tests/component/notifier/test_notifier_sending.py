"""Each letter leaves once, in order, and only while it is still wanted."""

import asyncio

from contracts import booking
from services.notifier import consumers
from services.notifier.handlers import send_next
from tests.component.kafka import eventually
from tests.component.notifier.journeys import Journey
from tests.component.notifier.readings import (
    all_in_state,
    calendar_of,
    put_far_off,
    sequences,
    text_of,
)
from tests.component.notifier.workshop import Workshop
from tests.component.running import PUBLIC_URL


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


async def test_an_organizer_who_has_moved_gets_mail_about_older_bookings_where_they_are_now(
    workshop: Workshop,
) -> None:
    journey = Journey()
    page = journey.page_created(
        email="anna@elsewhere.example", time_zone="America/New_York", time_zone_locked=True
    )
    moved = booking.PageChanged(**{name: getattr(page, name) for name in type(page).model_fields})
    await workshop.apply(journey.page_created(), journey.recorded(), moved, journey.confirmed())

    async with workshop.worker():
        await eventually(lambda: len(workshop.server.taken) == 2)

    [to_organizer] = workshop.server.mails_to("anna@elsewhere.example")
    [to_visitor] = workshop.server.mails_to(journey.visitor)
    for mail in (to_organizer, to_visitor):
        assert "America/New_York" in text_of(mail)
        assert f"mailto:{journey.organizer}" in calendar_of(mail)


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

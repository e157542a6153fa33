"""The notifier on real Kafka: what it makes of each kind of record, and what it tells."""

import json
from datetime import UTC, datetime, timedelta

from contracts.booking import PageEmailRequested
from contracts.capabilities import HELD_DATA, PAGE_EMAIL
from contracts.topics import BOOKING_EVENTS, NOTIFIER_EVENTS, dead_letter_topic
from contracts.values import OrganizerContact
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from tests.component.kafka import OtherServices, TopicReader, eventually
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.notifier.inspection import DELIVERIES, deliveries, signed_in, text_of
from tests.component.provider import Provider
from tests.component.running import KEYS, Running
from tests.smtp_server import ScriptedServer


async def bury(other_services: OtherServices, meeting: BookedMeeting) -> None:
    """Erase the attendee as booking does: by a record without a value."""
    erased = meeting.erased()
    headers = other_services.envelope(erased).to_headers()
    await other_services.producer.send_and_wait(
        erased.TOPIC, key=erased.key.encode(), headers=headers
    )


async def test_a_confirmed_booking_becomes_two_mails_and_two_events(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, topics: TopicReader
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(meeting.page_created(), meeting.recorded(), meeting.confirmed())

    await topics.kinds(NOTIFIER_EVENTS, meeting.organizer_id, "MailSent", times=2)
    told = topics.of(NOTIFIER_EVENTS, meeting.organizer_id)

    assert 1 == len(inbox.mails_to(meeting.visitor)) == len(inbox.mails_to(meeting.organizer))
    assert {each.event.recipient for each in told} == {"attendee", "organizer"}
    assert [each.header("ce_sequence") for each in told] == ["1", "2"]
    assert {each.header("ce_subject") for each in told} == {str(meeting.booking_id)}
    assert all(meeting.visitor.encode() not in each.record.value for each in told)


async def test_a_record_that_arrives_three_times_is_one_mail_to_each_party(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting, after = BookedMeeting(), BookedMeeting()
    confirmed = meeting.confirmed()
    await other_services.publish(meeting.recorded())
    envelope = other_services.envelope(confirmed)
    for _ in range(3):
        await other_services.send(confirmed, envelope, confirmed.model_dump_json().encode())
    await other_services.publish(after.recorded(), after.confirmed())

    await eventually(lambda: inbox.mails_to(after.organizer))
    await eventually(lambda: inbox.mails_to(meeting.organizer))

    assert 1 == len(inbox.mails_to(meeting.visitor)) == len(inbox.mails_to(meeting.organizer))


async def test_an_attendee_recorded_after_the_confirmation_gets_the_mail(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(meeting.confirmed())

    async def waits() -> bool:
        found = await deliveries(notifier, sign_in, meeting)
        return [each["state"] for each in found] == ["waiting", "waiting"]

    await eventually(waits)
    await other_services.publish(meeting.recorded())
    await eventually(lambda: inbox.mails_to(meeting.visitor))


async def test_an_event_of_an_unknown_type_is_skipped(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(
        meeting.confirmed(), type="io.bookwith.booking.BookingApplauded.v1"
    )
    await other_services.publish(meeting.recorded(), meeting.confirmed())

    await eventually(lambda: inbox.mails_to(meeting.visitor))


async def test_a_poison_record_becomes_a_dead_letter_and_the_others_are_mailed(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, topics: TopicReader
) -> None:
    bad = BookedMeeting()
    good = BookedMeeting(organizer_id=bad.organizer_id)
    await other_services.publish(bad.recorded(), good.recorded())
    confirmed = bad.confirmed()
    await other_services.send(
        confirmed, other_services.envelope(confirmed), b'{"organizer_id": "nobody"}'
    )
    await other_services.publish(good.confirmed())
    await other_services.publish(bad.cancelled())

    await eventually(lambda: inbox.mails_to(good.visitor))
    topic = dead_letter_topic(BOOKING_EVENTS, "notifier")
    dead = await topics.until(topic, bad.organizer_id, lambda received: len(received) == 2)

    assert [each.header("dlt_reason") for each in dead] == ["invalid", "behind"]
    assert inbox.mails_to(bad.visitor) == []


async def test_what_names_a_zone_that_is_unknown_here_is_parked_and_no_mail_shows_another(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, topics: TopicReader
) -> None:
    meeting = BookedMeeting()
    far = OrganizerContact(display_name="Anna", email=meeting.organizer, time_zone="Mars/Olympus")
    unknown = [
        meeting.page_created(time_zone="Mars/Olympus"),
        meeting.confirmed().model_copy(update={"organizer": far}),
        meeting.recorded(time_zone="Mars/Olympus"),
    ]
    await other_services.publish(*unknown)
    dead = [
        *await topics.until(
            dead_letter_topic(BOOKING_EVENTS, "notifier"),
            unknown[0].key,
            lambda received: len(received) == 2,
        ),
        *await topics.until(
            dead_letter_topic(unknown[2].TOPIC, "notifier"),
            unknown[2].key,
            lambda received: len(received) == 1,
        ),
    ]

    assert [each.header("dlt_error") for each in dead] == ["UnknownZone"] * 3
    assert inbox.mails_to(meeting.organizer) == inbox.mails_to(meeting.visitor) == []


async def test_a_tombstone_fails_the_mail_to_the_attendee_and_the_organizer_s_has_no_name(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(meeting.confirmed())
    await eventually(lambda: deliveries(notifier, sign_in, meeting))
    await bury(other_services, meeting)

    async def failed() -> bool:
        found = await deliveries(notifier, sign_in, meeting, state="failed")
        return [each["last_error"] for each in found] == ["no_attendee"]

    await eventually(failed)
    [letter] = await eventually(lambda: inbox.mails_to(meeting.organizer))

    assert inbox.mails_to(meeting.visitor) == []
    assert letter["Reply-To"] is None


async def test_an_erased_attendee_is_gone_for_good_and_the_receipt_says_so(
    notifier: Running,
    other_services: OtherServices,
    inbox: ScriptedServer,
    topics: TopicReader,
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(meeting.recorded(), meeting.confirmed())
    await eventually(lambda: inbox.mails_to(meeting.organizer))
    await other_services.publish(meeting.data_erased())
    receipt = await topics.one(NOTIFIER_EVENTS, meeting.organizer_id, "MailDataErased")
    # Its own topic is read later: what comes from there then is too late.
    await other_services.publish(meeting.recorded(change_reason="Ill."), meeting.cancelled())
    [letter] = await eventually(lambda: inbox.mails_to(meeting.organizer)[1:])

    assert meeting.attendee_id == receipt.event.attendee_id
    assert [] == await notifier.rows(
        "SELECT 1 FROM attendees WHERE attendee_id = %s", meeting.attendee_id
    )
    assert meeting.visitor not in letter.as_string()
    assert 1 == len(inbox.mails_to(meeting.visitor))


async def test_an_attendee_is_erased_although_a_record_of_theirs_is_parked(
    notifier: Running, other_services: OtherServices, topics: TopicReader
) -> None:
    meeting = BookedMeeting()
    recorded = meeting.recorded()
    await other_services.publish(recorded)
    await other_services.send(recorded, other_services.envelope(recorded), b"{}")
    letters = dead_letter_topic(recorded.TOPIC, "notifier")
    await topics.until(letters, meeting.attendee_id, lambda found: len(found) == 1)
    await bury(other_services, meeting)
    [_, tombstone] = await topics.until(letters, meeting.attendee_id, lambda found: len(found) == 2)

    assert tombstone.record.value is None
    for table, column in (("attendees", "attendee_id::text"), ("parked", "subject")):
        assert [] == await notifier.rows(
            f"SELECT 1 FROM {table} WHERE {column} = %s", str(meeting.attendee_id)
        )


async def test_what_is_parked_for_its_number_goes_with_the_attendee_too(
    notifier: Running, other_services: OtherServices, topics: TopicReader
) -> None:
    meeting = BookedMeeting()
    recorded = meeting.recorded()
    await other_services.publish(recorded)
    far_ahead = other_services.envelope(recorded, sequence=5_000)
    await other_services.send(recorded, far_ahead, recorded.model_dump_json().encode())
    letters = dead_letter_topic(recorded.TOPIC, "notifier")
    [parked] = await topics.until(letters, meeting.attendee_id, lambda found: len(found) == 1)
    await bury(other_services, meeting)
    [*_, last] = await topics.until(letters, meeting.attendee_id, lambda found: len(found) > 1)

    assert ("jump", None) == (parked.header("dlt_reason"), last.record.value)


async def test_who_asks_for_their_data_gets_the_newest_link_and_the_organizer_sees_nothing_of_it(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting(organizer_id=sign_in.id_of("anna"))
    await other_services.publish(meeting.recorded(), meeting.data_requested())
    [mail] = await eventually(lambda: inbox.mails_to(meeting.visitor))
    asked = await notifier.http.get(DELIVERIES, headers=signed_in(sign_in, "anna"))

    assert "What we hold about you" == mail["Subject"]
    token = KeyRing.parse(KEYS).issue(HELD_DATA, meeting.request_id)
    assert f"/me/{token}" in text_of(mail)
    assert [] == [each for each in asked.json()["items"] if each["kind"] == "your_data"]


async def test_who_has_no_booking_gets_the_link_too_and_is_erased_with_a_receipt(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, topics: TopicReader
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(meeting.data_requested(), meeting.recipient())
    [mail] = await eventually(lambda: inbox.mails_to(meeting.visitor))
    await other_services.publish(
        meeting.data_erased().model_copy(update={"booking_id": None, "link_id": new_id()})
    )
    receipt = await topics.one(NOTIFIER_EVENTS, meeting.organizer_id, "MailDataErased")
    left = await notifier.rows(
        "SELECT 1 FROM attendees WHERE attendee_id = %s", meeting.attendee_id
    )

    assert "Hvad vi har gemt om dig" == mail["Subject"]
    assert (meeting.attendee_id, None) == (receipt.event.attendee_id, receipt.event.booking_id)
    assert [] == left


async def test_an_address_to_prove_gets_a_letter_with_its_link_and_the_organizer_no_delivery(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting(organizer_id=sign_in.id_of("anna"))
    asked = PageEmailRequested(
        organizer_id=meeting.organizer_id,
        request_id=meeting.attendee_id,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    await other_services.publish(asked, meeting.recipient())
    [mail] = await eventually(lambda: inbox.mails_to(meeting.visitor))
    seen = await notifier.http.get(DELIVERIES, headers=signed_in(sign_in, "anna"))

    assert "Bekræft din e-mailadresse" == mail["Subject"]
    token = KeyRing.parse(KEYS).issue(PAGE_EMAIL, meeting.attendee_id)
    assert f"/organizer/page/email/{token}" in text_of(mail)
    assert [] == [each for each in seen.json()["items"] if each["kind"] == "prove_address"]


async def test_a_letter_to_an_address_that_was_withdrawn_is_not_sent(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = BookedMeeting()
    asked = PageEmailRequested(
        organizer_id=meeting.organizer_id,
        request_id=meeting.attendee_id,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    await bury(other_services, meeting)

    async def forgotten() -> bool:
        of = meeting.attendee_id
        return bool(await notifier.rows("SELECT 1 FROM erasures WHERE attendee_id = %s", of))

    await eventually(forgotten)
    await other_services.publish(asked)

    async def overtaken() -> bool:
        rows = await notifier.rows(
            "SELECT state FROM deliveries WHERE attendee_id = %s", meeting.attendee_id
        )
        return [row["state"] for row in rows] == ["overtaken"]

    await eventually(overtaken)
    assert [] == inbox.mails_to(meeting.visitor)


async def test_an_organizer_sees_their_own_deliveries_with_the_addresses(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting(organizer_id=sign_in.id_of("anna"))
    await other_services.publish(meeting.recorded(), meeting.confirmed())
    await eventually(lambda: inbox.mails_to(meeting.visitor))

    own = await deliveries(notifier, sign_in, meeting, "anna")
    foreign = await deliveries(notifier, sign_in, meeting, "bo")
    operated = await deliveries(notifier, sign_in, meeting, "otto")

    assert {meeting.visitor, meeting.organizer} == {each["address"] for each in own}
    assert foreign == []
    assert [each["address"] for each in operated] == [None, None]
    assert meeting.visitor not in json.dumps(operated)


async def test_deliveries_are_listed_page_by_page(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(meeting.recorded(), meeting.confirmed())
    await eventually(lambda: deliveries(notifier, sign_in, meeting))
    asked: dict[str, str | int] = {"booking_id": str(meeting.booking_id), "limit": 1}
    address, headers = DELIVERIES, signed_in(sign_in, "otto")

    first = (await notifier.http.get(address, params=asked, headers=headers)).json()
    asked["cursor"] = first["next_cursor"]
    second = (await notifier.http.get(address, params=asked, headers=headers)).json()

    assert [len(first["items"]), len(second["items"])] == [1, 1]
    assert first["items"][0]["id"] != second["items"][0]["id"]
    assert second["next_cursor"] is None


async def test_an_operator_retries_a_refused_mail(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting()
    inbox.answers(meeting.visitor, ["refuse"])
    await other_services.publish(meeting.recorded(), meeting.confirmed())
    await eventually(lambda: deliveries(notifier, sign_in, meeting, state="failed"))
    (failed,) = await deliveries(notifier, sign_in, meeting, state="failed")
    address = f"{DELIVERIES}/{failed['id']}/retry"

    answer = await notifier.http.post(address, headers=signed_in(sign_in, "otto"))
    await eventually(lambda: inbox.mails_to(meeting.visitor))
    await eventually(lambda: deliveries(notifier, sign_in, meeting, state="sent"))

    # A sender may be faster than the answer.
    assert answer.status_code == 200
    assert answer.json()["state"] in {"retrying", "sending", "sent"}


async def test_a_sent_mail_cannot_be_retried(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer, sign_in: Provider
) -> None:
    meeting = BookedMeeting()
    await other_services.publish(meeting.recorded(), meeting.confirmed())

    async def both_sent() -> bool:
        return len(await deliveries(notifier, sign_in, meeting, state="sent")) == 2

    await eventually(both_sent)
    sent = (await deliveries(notifier, sign_in, meeting))[0]
    address = f"{DELIVERIES}/{sent['id']}/retry"

    answers = {
        name: await notifier.http.post(address, headers=signed_in(sign_in, name))
        for name in ("otto", "anna")
    }
    unknown = await notifier.http.post(
        f"{DELIVERIES}/{meeting.booking_id}/retry",
        headers=signed_in(sign_in, "ada"),
    )
    nobody = await notifier.http.post(address)

    assert answers["otto"].json()["type"] == "/problems/state-conflict"
    assert answers["anna"].json()["type"] == "/problems/not-found"
    assert unknown.json()["type"] == "/problems/not-found"
    assert nobody.json()["type"] == "/problems/unauthenticated"
    assert len(inbox.mails_to(meeting.visitor)) == 1


async def test_an_unknown_state_is_an_invalid_parameter(
    notifier: Running, sign_in: Provider
) -> None:
    answer = await notifier.http.get(
        DELIVERIES,
        params={"state": "lost"},
        headers=signed_in(sign_in, "otto"),
    )

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")


async def test_metrics_count_what_was_sent(
    notifier: Running, other_services: OtherServices
) -> None:
    text = (await notifier.http.get("/metrics")).text

    assert 'bookwith_mail_attempts_total{kind="confirmation",outcome="sent"}' in text
    assert "bookwith_mail_seconds_bucket" in text

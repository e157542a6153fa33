"""The main job, by the public API alone: private link, booking, move, cancel, mail, events."""

from dataclasses import dataclass
from typing import Any

import pytest
from icalendar import Calendar

from tests.e2e.client import BOOKING, Organizer, StackClients, after, instant, new_key, wait_until
from tests.e2e.inbox import Inbox
from tests.e2e.topics import Record, read_topics

VERA = "vera.on.a.journey@example.test"
FULL_LIFE = (
    "PageCreated",
    "MeetingTypeCreated",
    "MeetingTypeCreated",
    "PageAllowed",
    "PagePublished",
    "MeetingTypeCreated",
    "PrivateLinkIssued",
    "LinkUseTaken",
    "SlotReserved",
    "BookingConfirmed",
    "LinkUseConsumed",
    "LinkExpired",
    "SlotReserved",
    "BookingRescheduled",
    "BookingCancelled",
)


@dataclass(frozen=True, slots=True)
class Journey:
    """One booking from its private link to its cancellation."""

    organizer: Organizer
    link: dict[str, Any]
    booked: dict[str, Any]
    moved: dict[str, Any]
    cancelled: dict[str, Any]
    # What attendee and organizer could download after each mail.
    files: list[tuple[bytes, bytes]]


@pytest.fixture(scope="module")
async def journey(clients: StackClients, inbox: Inbox) -> Journey:
    organizer = await clients.organizer("organizer-71")
    kind = await organizer.meeting_type(visibility="private", title="Interview")
    link = await organizer.link(kind["id"], max_uses=1, label="candidate")
    visitor = clients.visitor(link["token"])
    starts = await visitor.starts(kind["id"], after(3), after(4))

    booked = await visitor.book(kind["id"], starts[20], VERA)
    assert booked.status_code == 201, booked.text
    address = f"{BOOKING}/bookings/{booked.json()['id']}/invite.ics"
    manage = {"X-Manage-Token": booked.json()["manage_token"]}

    async def files() -> tuple[bytes, bytes]:
        attendees = await clients.client("booking").get(address, headers=manage)
        return attendees.content, (await organizer.caller.get(address)).content

    await both_have(inbox, organizer, 1)
    downloaded = [await files()]
    moved = await visitor.change(
        booked.json(), "reschedule", {"start": starts[30], "reason": "The train comes later"}
    )
    assert moved.status_code == 200, moved.text
    await both_have(inbox, organizer, 2)
    downloaded.append(await files())
    cancelled = await visitor.change(booked.json(), "cancel", {"reason": "Ill"})
    assert cancelled.status_code == 200, cancelled.text
    await both_have(inbox, organizer, 3)
    downloaded.append(await files())
    return Journey(organizer, link, booked.json(), moved.json(), cancelled.json(), downloaded)


async def both_have(inbox: Inbox, organizer: Organizer, count: int) -> None:
    """Wait for the mail, since a change that comes sooner would overtake it."""

    async def there() -> bool:
        addresses = (VERA, organizer.email)
        return all([len(await inbox.to(each)) >= count for each in addresses])

    await wait_until(there, 15, f"mail number {count}")


async def test_each_answer_has_the_current_state_of_the_booking(journey: Journey) -> None:
    booked, moved, cancelled = journey.booked, journey.moved, journey.cancelled
    changes = [(each["status"], each["ics_sequence"]) for each in (booked, moved, cancelled)]

    assert changes == [("confirmed", 0), ("confirmed", 1), ("cancelled", 2)]
    assert booked["verdict"] == "accepted"
    assert {booked["uid"], moved["uid"], cancelled["uid"]} == {f"{booked['id']}@bookwith"}
    assert instant(moved["start"]) > instant(booked["start"])
    assert booked["manage_url"].startswith(journey.organizer.clients.stack.url("booking"))


async def test_a_single_use_link_is_consumed_by_its_booking(
    journey: Journey, clients: StackClients
) -> None:
    seen = await journey.organizer.caller.get(f"{BOOKING}/links/{journey.link['id']}")
    again = await clients.client("booking").get(f"{BOOKING}/public/links/{journey.link['token']}")

    assert (seen.json()["state"], seen.json()["uses"]) == ("consumed", 1)
    assert again.status_code == 410
    assert again.json()["reason"] == "consumed"


async def test_both_parties_get_each_change_by_mail(journey: Journey, inbox: Inbox) -> None:
    for address in (VERA, journey.organizer.email):
        mails = await inbox.to(address)
        changes = [(mail.method, mail.sequence, mail.uid) for mail in mails]
        uid = journey.booked["uid"]

        assert changes == [("REQUEST", 0, uid), ("REQUEST", 1, uid), ("CANCEL", 2, uid)]
        assert [mail.content_method for mail in mails] == ["REQUEST", "REQUEST", "CANCEL"]
        assert len({mail.message_id for mail in mails}) == 3
        for mail in mails:
            assert "Interview" in mail.text
            assert "Interview" in mail.html


async def test_the_file_to_download_says_what_the_mailed_one_says_and_asks_nothing(
    journey: Journey, inbox: Inbox
) -> None:
    said = ("UID", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION", "DTSTART", "DTEND")
    for party, address in enumerate((VERA, journey.organizer.email)):
        for mail, files in zip(await inbox.to(address), journey.files, strict=True):
            downloaded = Calendar.from_ical(files[party])
            mailed, event = mail.calendar.events[0], downloaded.events[0]

            assert downloaded["METHOD"] == "PUBLISH"
            assert {name: mailed[name].to_ical() for name in said} == {
                name: event[name].to_ical() for name in said
            }
            assert mailed["DTSTART"].params == event["DTSTART"].params
            assert "ATTENDEE" not in event


async def test_the_mail_says_where_and_when_and_how_to_change_it(
    journey: Journey, inbox: Inbox
) -> None:
    confirmation = (await inbox.to(VERA))[0]
    entry = confirmation.calendar.events[0]

    assert entry.start == instant(journey.booked["start"])
    assert entry.end == instant(journey.booked["end"])
    assert "Workshop, second floor" in str(entry["LOCATION"])
    assert journey.booked["manage_url"] in confirmation.text
    assert journey.booked["manage_url"] in confirmation.html


async def test_the_reason_of_a_change_reaches_the_other_party_by_mail(
    journey: Journey, inbox: Inbox
) -> None:
    _, changed, cancelled = await inbox.to(journey.organizer.email)

    assert "The train comes later" in changed.text
    assert "Ill" in cancelled.text


async def test_a_subscriber_reads_each_event_in_order_without_a_gap(
    journey: Journey, clients: StackClients
) -> None:
    async def all_there() -> list[Record]:
        records = await read_topics(clients.stack.kafka, ["booking.events.v1"])
        mine = [each for each in records if each.key == journey.organizer.id]
        return mine if any(each.name == "BookingCancelled" for each in mine) else []

    records = await wait_until(all_there, 10, "the cancellation on the topic")
    sequences = [record.sequence for record in records]

    assert sequences == list(range(1, len(records) + 1))
    assert sorted(FULL_LIFE) == sorted(record.name for record in records)
    assert [n for n in FULL_LIFE if not n.startswith("Page")] == [
        record.name for record in records if not record.name.startswith("Page")
    ]
    assert len({record.headers["ce_id"] for record in records}) == len(records)


async def test_every_mail_is_published_as_an_event(journey: Journey, clients: StackClients) -> None:
    async def all_there() -> list[Record]:
        records = await read_topics(clients.stack.kafka, ["notifier.events.v1"])
        sent = [each for each in records if each.subject == journey.booked["id"]]
        return sent if len(sent) >= 6 else []

    sent = await wait_until(all_there, 15, "six MailSent")

    assert {record.name for record in sent} == {"MailSent"}
    assert len(sent) == 6


async def test_one_key_gives_one_answer_with_the_same_tokens(clients: StackClients) -> None:
    organizer = await clients.organizer("organizer-72")
    kind = await organizer.meeting_type()
    visitor, key = clients.visitor(), new_key()

    first = await visitor.book(kind["id"], after(5, 10), "twice@example.test", key)
    again = await visitor.book(kind["id"], after(5, 10), "twice@example.test", key)

    assert first.status_code == again.status_code == 201
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert first.json() == again.json()


async def test_a_command_for_the_current_state_changes_nothing(clients: StackClients) -> None:
    organizer = await clients.organizer("organizer-72")
    kind = await organizer.meeting_type()
    visitor = clients.visitor()
    booked = (await visitor.book(kind["id"], after(5, 12), "same@example.test")).json()
    moved = await visitor.change(booked, "reschedule", {"start": booked["start"]})
    once = await visitor.change(booked, "cancel")
    twice = await visitor.change(booked, "cancel")

    assert [each.status_code for each in (moved, once, twice)] == [200, 200, 200]
    assert moved.json()["version"] == booked["version"]
    assert twice.json()["version"] == once.json()["version"]

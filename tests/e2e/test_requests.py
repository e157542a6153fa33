"""Requests, proofs of addresses and edits, from the API and the pages to both parties' mail."""

import html
import re
from collections.abc import Sequence

import pytest

from tests.e2e.client import BOOKING, Organizer, StackClients, after, wait_until
from tests.e2e.inbox import Inbox, Mail


async def mails(inbox: Inbox, address: str, count: int) -> Sequence[Mail]:
    """Return the mails to the address once there are so many."""

    async def there() -> Sequence[Mail]:
        found = await inbox.to(address)
        return found if len(found) >= count else ()

    found: Sequence[Mail] = await wait_until(there, 15, f"mail {count} to {address}")
    assert len(found) == count, [mail.subject for mail in found]
    return found


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    """An organizer who reads English."""
    return await clients.organizer("organizer-66", locale="en")


async def test_a_request_is_moved_approved_and_asked_to_be_moved_and_both_hear_of_each_step(
    clients: StackClients, organizer: Organizer, inbox: Inbox
) -> None:
    kind = await organizer.meeting_type(approval_required=True, title="Audience")
    visitor, vera = clients.visitor(), "vera.asks@example.test"
    starts = await visitor.starts(kind["id"], after(3), after(4))

    asked = await visitor.book(kind["id"], starts[20], vera)
    assert (201, "requested") == (asked.status_code, asked.json()["status"]), asked.text
    await mails(inbox, vera, 1)
    await mails(inbox, organizer.email, 1)
    moved = await visitor.change(asked.json(), "reschedule", {"start": starts[30]})
    assert (200, starts[30]) == (moved.status_code, moved.json()["start"]), moved.text
    await mails(inbox, vera, 2)
    await mails(inbox, organizer.email, 2)
    taken = await visitor.reserve(kind["id"], starts[30])
    free = await visitor.starts(kind["id"], after(3), after(4))
    path = f"{BOOKING}/bookings/{asked.json()['id']}"
    approved = await organizer.caller.send("POST", f"{path}/approve")
    assert (200, "confirmed") == (approved.status_code, approved.json()["status"])
    await mails(inbox, vera, 3)
    await mails(inbox, organizer.email, 3)
    question = await organizer.caller.send(
        "POST", f"{path}/ask-to-reschedule", {"reason": "The dentist"}
    )
    assert 200 == question.status_code, question.text

    to_vera = await mails(inbox, vera, 4)
    to_organizer = await mails(inbox, organizer.email, 3)

    assert 409 == taken.status_code
    assert starts[20] in free
    assert starts[30] not in free
    assert [
        "Waiting for an answer",
        "Request moved",
        "Confirmed",
        "Please choose another time",
    ] == [mail.subject.partition(":")[0] for mail in to_vera]
    assert ["Please answer", "Please answer", "New booking"] == [
        mail.subject.partition(":")[0] for mail in to_organizer
    ]
    assert ("REQUEST", 0) == (to_vera[2].method, to_vera[2].sequence)
    assert "The dentist" in to_vera[3].text
    assert ["text/calendar" in mail.raw.decode() for mail in to_vera] == [False, False, True, False]


async def test_the_first_to_prove_an_address_is_booked_and_the_other_hears_of_it(
    clients: StackClients, organizer: Organizer, inbox: Inbox
) -> None:
    kind = await organizer.meeting_type(verification_required=True, title="Fitting")
    visitor, people = clients.visitor(), ("viggo.proves@example.test", "vibeke.waits@example.test")
    start = (await visitor.starts(kind["id"], after(5), after(6)))[10]
    before = len(await inbox.to(organizer.email))

    for person in people:
        asked = await visitor.book(kind["id"], start, person)
        assert (201, "unverified") == (asked.status_code, asked.json()["status"]), asked.text
    (letter,) = await mails(inbox, people[0], 1)
    found = re.search(r"https?://[^/\s]+(/v/bwv_[\w-]+)", letter.text)
    assert found is not None
    booking = clients.client("booking")
    page = await booking.get(found[1])
    looked_at = await inbox.to(organizer.email)
    key = re.search(r'name="form" value="([^"]+)"', page.text)
    assert key is not None
    proven = await booking.post(found[1], data={"form": html.unescape(key[1])})
    assert 303 == proven.status_code, proven.text

    to_winner = await mails(inbox, people[0], 2)
    to_loser = await mails(inbox, people[1], 2)

    assert before == len(looked_at)  # looking at the page books nothing
    assert "Confirmed" == to_winner[1].subject.partition(":")[0]
    assert "Taken" == to_loser[1].subject.partition(":")[0]
    assert "/m/" not in letter.text


async def test_an_edited_name_reaches_both_calendars(
    clients: StackClients, organizer: Organizer, inbox: Inbox
) -> None:
    kind = await organizer.meeting_type(title="Reading")
    visitor, vera = clients.visitor(), "vera.is.renamed@example.test"
    start = (await visitor.starts(kind["id"], after(7), after(8)))[10]
    booked = (await visitor.book(kind["id"], start, vera)).json()
    await mails(inbox, vera, 1)

    edited = await visitor.caller.send(
        "PATCH",
        f"{BOOKING}/bookings/{booked['id']}",
        {"name": "Vera Voyager"},
        headers={"X-Manage-Token": booked["manage_token"]},
    )
    assert 200 == edited.status_code, edited.text
    letter = (await mails(inbox, vera, 2))[1]

    assert "Details changed" == letter.subject.partition(":")[0]
    assert ("REQUEST", 1, booked["uid"]) == (letter.method, letter.sequence, letter.uid)
    assert "Vera Voyager" in str(letter.calendar.events[0]["SUMMARY"])

"""What an organizer is told of their letters, by bearer token or through another service."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.capabilities import MANAGE, organizer_at
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from tests.component.kafka import OtherServices, eventually
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.notifier.inspection import DELIVERIES, deliveries, signed_in
from tests.component.provider import Provider
from tests.component.running import KEYS, Running
from tests.smtp_server import Answer, ScriptedServer

RING = KeyRing.parse(KEYS)
UNDELIVERED = "/api/notifier/v1/undelivered"


def named(organizer_id: UUID, age: timedelta = timedelta()) -> dict[str, str]:
    """Return the header of a service that asks in the organizer's name."""
    return {"X-Organizer-Token": RING.issue(organizer_at(datetime.now(UTC) - age), organizer_id)}


async def seen(notifier: Running, headers: dict[str, str], **asked: Any) -> list[dict[str, Any]]:
    answer = await notifier.http.get(DELIVERIES, params=asked, headers=headers)
    assert 200 == answer.status_code, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def undelivered(notifier: Running, meeting: BookedMeeting) -> list[dict[str, Any]]:
    answer = await notifier.http.get(UNDELIVERED, headers=named(meeting.organizer_id))
    assert 200 == answer.status_code, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def settled(notifier: Running, meeting: BookedMeeting, letters: int = 2) -> None:
    """Wait until so many letters about the meeting have come to an end."""

    async def all_settled() -> bool:
        found = await notifier.rows(
            "SELECT 1 FROM deliveries WHERE booking_id = %s AND state IN ('sent', 'failed')",
            meeting.booking_id,
        )
        return len(found) == letters

    await eventually(all_settled)


async def refused(
    other_services: OtherServices, notifier: Running, inbox: ScriptedServer, answer: Answer
) -> BookedMeeting:
    """Return a meeting whose confirmation to the attendee was refused for good."""
    meeting = BookedMeeting()
    inbox.answers(meeting.visitor, [answer])
    await other_services.publish(meeting.recorded(), meeting.confirmed())
    await settled(notifier, meeting)
    return meeting


async def test_a_service_sees_in_an_organizers_name_what_they_see(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = await refused(other_services, notifier, inbox, "refuse recipient")

    own = await seen(notifier, named(meeting.organizer_id), booking_id=str(meeting.booking_id))
    foreign = await seen(notifier, named(new_id()), booking_id=str(meeting.booking_id))

    [failed] = [each for each in own if each["state"] == "failed"]
    assert ("attendee", "confirmation", meeting.visitor) == (
        failed["recipient"],
        failed["kind"],
        failed["address"],
    )
    assert ("recipient_refused", 550) == (failed["last_error"], failed["smtp_code"])
    assert failed["given_up_at"] is not None
    assert failed["next_attempt_at"] is failed["gives_up_at"] is None
    assert [] == foreign


async def test_a_letter_that_is_tried_again_says_when_and_how_long(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = BookedMeeting()
    inbox.answers(meeting.visitor, ["put off"] * 100)
    await other_services.publish(meeting.recorded(), meeting.confirmed())
    own = named(meeting.organizer_id)
    [delayed] = await eventually(lambda: seen(notifier, own, state="retrying"))

    assert ("temporary", 451) == (delayed["last_error"], delayed["smtp_code"])
    assert delayed["created_at"] < delayed["next_attempt_at"] < delayed["gives_up_at"]
    assert delayed["given_up_at"] is None
    inbox.script[meeting.visitor].clear()
    await eventually(lambda: inbox.mails_to(meeting.visitor))


async def test_an_organizer_has_a_letter_of_theirs_tried_again_and_nobody_elses(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = await refused(other_services, notifier, inbox, "refuse")
    own = named(meeting.organizer_id)
    [failed] = await seen(notifier, own, state="failed")
    address = f"{DELIVERIES}/{failed['id']}/retry"

    foreign = await notifier.http.post(address, headers=named(new_id()))
    still = await seen(notifier, own, state="failed")
    tried = await notifier.http.post(address, headers=own)
    await settled(notifier, meeting)
    again = await notifier.http.post(address, headers=own)

    assert (404, 200, 409) == (foreign.status_code, tried.status_code, again.status_code)
    assert [failed] == still
    assert 1 == len(inbox.mails_to(meeting.visitor))


async def test_the_letter_about_held_data_is_not_the_organizers_to_try_again(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = BookedMeeting()
    inbox.answers(meeting.visitor, ["refuse"])
    await other_services.publish(meeting.recorded(), meeting.data_requested())

    async def failed() -> list[dict[str, Any]]:
        return await notifier.rows(
            "SELECT id FROM deliveries WHERE attendee_id = %s AND state = 'failed'",
            meeting.attendee_id,
        )

    [letter] = await eventually(failed)
    answer = await notifier.http.post(
        f"{DELIVERIES}/{letter['id']}/retry", headers=named(meeting.organizer_id)
    )

    assert 404 == answer.status_code
    assert [] == await undelivered(notifier, meeting)


async def test_a_party_that_was_not_reached_is_named_until_a_later_letter_arrives(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = await refused(other_services, notifier, inbox, "refuse recipient")

    before = await undelivered(notifier, meeting)
    await other_services.publish(meeting.rescheduled())
    await settled(notifier, meeting, letters=4)

    assert [{"booking_id": str(meeting.booking_id), "recipients": ["attendee"]}] == before
    assert [] == await undelivered(notifier, meeting)


async def test_who_is_erased_is_not_missing_a_letter(
    notifier: Running, other_services: OtherServices, inbox: ScriptedServer
) -> None:
    meeting = await refused(other_services, notifier, inbox, "refuse recipient")
    assert 1 == len(await undelivered(notifier, meeting))

    await other_services.publish(meeting.data_erased())

    await eventually(lambda: _none(notifier, meeting))


async def _none(notifier: Running, meeting: BookedMeeting) -> bool:
    return await undelivered(notifier, meeting) == []


async def test_the_organizers_present_address_is_the_one_that_is_named(
    notifier: Running, other_services: OtherServices, sign_in: Provider
) -> None:
    meeting = BookedMeeting(organizer_id=sign_in.id_of("carl"))
    page = meeting.page_created(email="present@bridges.example")
    await other_services.publish(page, meeting.recorded(), meeting.confirmed())
    await settled(notifier, meeting)

    found = await deliveries(notifier, sign_in, meeting, "carl")

    assert {"present@bridges.example", meeting.visitor} == {each["address"] for each in found}


@pytest.mark.parametrize("path", [DELIVERIES, UNDELIVERED])
async def test_a_token_that_is_old_or_another_opens_nothing(notifier: Running, path: str) -> None:
    someone = new_id()
    for shown in (
        named(someone, timedelta(minutes=3)),
        {"X-Organizer-Token": RING.issue(MANAGE, someone)},
        {"X-Organizer-Token": "bwo_forged"},
    ):
        answer = await notifier.http.get(path, headers=shown)
        assert 401 == answer.status_code


async def test_who_has_nothing_to_do_with_mails_is_told_so(
    notifier: Running, sign_in: Provider
) -> None:
    nobody = sign_in.signed_in("dora")

    assert 403 == (await notifier.http.get(UNDELIVERED, headers=nobody)).status_code
    organizer = signed_in(sign_in, "anna")
    assert 200 == (await notifier.http.get(UNDELIVERED, headers=organizer)).status_code

"""Today's services on the databases and topics that an earlier version has written."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from icalendar import Calendar

from deploy.local.stack import LocalStack
from services.booking.read_models import MODELS
from services.chassis.events.rebuild import rebuild
from tests.checker.idle import wait_until_idle
from tests.e2e.topics import Record, read_topics
from tests.recorded import recording
from tests.recorded.api import BOOKING, Answer, Api, Request, new_key, until
from tests.recorded.recording import SERVICES, Recording, Staged

# What time has ended since: a hold, a hold without a verdict, a move without a verdict.
ENDED = ("held", "verdict-pending", "move-pending")
# Lists and letters that change with these; what is in them is compared one by one.
CHANGED = {f"{what}{name}" for what in ("booking ", "calendar file of ") for name in ENDED} | {
    *("link held-link", "links of in-depth", "bookings of anna", "letters")
}


@dataclass(frozen=True, slots=True)
class Resumed:
    """A stack that went on where the earlier version stopped, once it has come to rest."""

    recording: Recording
    stack: LocalStack
    api: Api
    left_over: list[Staged]
    """What was in booking's outbox."""
    records: list[Record]
    mails: list[dict[str, Any]]
    parked: dict[str, int]

    def of_booking(self, name: str, verb: str = "", body: Any = None) -> Answer:
        """Look at a booking by its old manage token, or change it."""
        headers = {"X-Manage-Token": self.recording.manage_tokens[name]}
        path = f"{BOOKING}/bookings/{self.recording.bookings[name]}"
        if not verb:
            return self.api.send(Request("booking", "GET", path, None, headers))
        headers["Idempotency-Key"] = new_key()
        return self.api.send(Request("booking", "POST", f"{path}/{verb}", None, headers, body))


@pytest.fixture(scope="module", params=recording.recordings())
def resumed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Resumed]:
    recorded = recording.load(request.param)
    state = tmp_path_factory.mktemp("resumed")
    with LocalStack(
        state, services=False, parts=("postgres", "kafka"), environment=recorded.environment
    ) as empty:
        recorded.restore_databases(empty)
        asyncio.run(recorded.restore_topics(empty.kafka))
        left_over = recording.staged(empty.database_url("booking"))
        parked = {service: count_parked(empty, service) for service in SERVICES}
    # Starting it runs today's migrations over yesterday's tables.
    with LocalStack(state, environment=recorded.environment) as stack:
        rest = asyncio.run(wait_until_idle(stack))
        assert not any(each.outbox or each.lag or each.unfinished for each in rest), rest
        api = Api(stack.url, stack.token)
        records = asyncio.run(read_topics(stack.kafka))
        yield Resumed(recorded, stack, api, left_over, records, mails_of(stack, api), parked)
        api.close()


def test_what_was_asked_yesterday_is_answered_the_same(resumed: Resumed) -> None:
    different: dict[str, list[str]] = {}
    for each in resumed.recording.seen:
        if each.name in CHANGED or each.name.startswith("calendar file"):
            continue
        now, before = resumed.api.send(each.request), each.answer
        found = difference(now.status, before.status, "status")
        found += difference(version_of(now), version_of(before), "version")
        found += difference(now.body, before.body)
        if found:
            different[each.name] = found

    assert different == {}


def test_a_calendar_file_says_what_it_said(resumed: Resumed) -> None:
    for each in resumed.recording.seen:
        if not each.name.startswith("calendar file") or each.name in CHANGED:
            continue
        now = resumed.api.send(each.request)

        assert now.status == each.answer.status, each.name
        if now.status == 200:
            name = each.name.removeprefix("calendar file of ")
            booked = resumed.recording.answer(f"booking {name}")
            [event] = Calendar.from_ical(now.body).events
            [before] = Calendar.from_ical(each.answer.body).events
            later = resumed.recording.later
            assert (event["UID"], event["SEQUENCE"]) == (booked["uid"], before["SEQUENCE"])
            assert (event["SUMMARY"], event.get("STATUS")) == (
                before["SUMMARY"],
                before.get("STATUS"),
            )
            assert event.start == before.start + later


def test_holds_of_yesterday_have_ended_and_their_link_is_usable_again(resumed: Resumed) -> None:
    def released() -> bool:
        names = ("held", "verdict-pending")
        return all(resumed.of_booking(name).body["status"] == "released" for name in names)

    until(released, "the end of both holds")
    path = f"{BOOKING}/links/{resumed.recording.links['held-link']}"
    link = resumed.api.get(path, "anna").document()

    assert (link["state"], link["uses"]) == ("active", 0)


def test_a_move_that_was_not_answered_leaves_the_booking_where_it_was(resumed: Resumed) -> None:
    before = resumed.recording.answer("booking move-pending")
    now = resumed.of_booking("move-pending").document()

    assert (now["status"], now["start"], now["uid"]) == (
        "confirmed",
        before["start"],
        before["uid"],
    )


def test_the_topics_keep_what_they_had_and_go_on_with_what_was_left_over(resumed: Resumed) -> None:
    places: dict[tuple[str, int], list[Record]] = {}
    for each in resumed.records:
        places.setdefault((each.topic, each.partition), []).append(each)
    kept = [
        (each.topic, each.partition, each.offset, each.value)
        for each in resumed.recording.records
        if not each.topic.endswith(".dlt")
    ]
    ends = {place: len([each for each in kept if each[:2] == place]) for place in places}
    new = [record for place, found in places.items() for record in found[ends[place] :]]
    published = [
        (record.topic, record.sequence or None, record.value)
        for record in sorted(new, key=lambda each: (each.topic, each.sequence))
    ]
    wanted = [(each.topic, each.sequence, each.value) for each in resumed.left_over]

    assert len(wanted) == 5
    assert kept == [
        (each.topic, each.partition, each.offset, each.value)
        for place in sorted(places)
        for each in places[place][: ends[place]]
    ]
    for topic in {topic for topic, _, _ in wanted}:
        first = [each for each in published if each[0] == topic]
        expected = [each for each in wanted if each[0] == topic]
        assert first[: len(expected)] == expected


def test_no_letter_of_yesterday_is_sent_again_and_what_waited_is_sent_once(
    resumed: Resumed,
) -> None:
    sent = sorted((mail["envelope_to"][0], mail["subject"]) for mail in resumed.mails)
    again = resumed.recording.message_ids & {mail["message_id"] for mail in resumed.mails}
    parties = ("anna@example.test", "cancelled-unpublished@example.test")

    assert again == set()
    assert [to for to, _ in sent] == sorted(
        [*parties, "anna@example.test", "letters-not-sent@example.test"]
    )


def test_poison_of_yesterday_is_not_parked_again(resumed: Resumed) -> None:
    parked = {service: count_parked(resumed.stack, service) for service in SERVICES}
    topics = sorted({each.topic for each in resumed.recording.records if ".dlt" in each.topic})
    records = asyncio.run(read_topics(resumed.stack.kafka, topics))
    before = [each for each in resumed.recording.records if ".dlt" in each.topic]

    assert all(parked.values())
    assert parked == resumed.parked
    assert len(records) == len(before)


def test_an_answer_of_yesterday_is_given_again(resumed: Resumed) -> None:
    different = [
        (request.method, request.path, now, answer)
        for request, answer in resumed.recording.repeatable
        if (now := resumed.api.send(request)) != answer
    ]

    assert len(resumed.recording.repeatable) > 40
    assert different == []


def test_a_booking_of_yesterday_is_moved_and_cancelled_by_its_old_link(resumed: Resumed) -> None:
    before = resumed.recording.answer("booking to-be-moved")
    token = {"X-Manage-Token": resumed.recording.manage_tokens["to-be-moved"]}
    # The day before its start, not its calendar day: moved by hours, it may begin at midnight.
    begin = (datetime.fromisoformat(before["start"]) - timedelta(days=1)).isoformat()
    period = urlencode({"from": begin, "to": before["start"]})
    asked = f"meeting_type_id={before['meeting_type_id']}&{period}"
    slots = Request("availability", "GET", f"/api/availability/v1/slots?{asked}", None, token)
    start = resumed.api.send(slots).document()["slots"][0]["start"]
    moved = resumed.of_booking("to-be-moved", "reschedule", {"start": start}).document()
    parties = {"anna@example.test", "to-be-moved@example.test"}
    until_mailed(resumed, parties, "the letters about the move")
    cancelled = resumed.of_booking("to-be-moved", "cancel", {"reason": "No more."}).document()
    until_mailed(resumed, parties, "the letters about the end", times=2)

    assert start != before["start"]
    assert (moved["status"], moved["start"], moved["uid"]) == ("confirmed", start, before["uid"])
    assert (cancelled["status"], cancelled["uid"]) == ("cancelled", before["uid"])
    assert cancelled["version"] == moved["version"] + 1


def test_the_read_models_of_yesterday_are_what_the_log_says(resumed: Resumed) -> None:
    compared = asyncio.run(rebuild(resumed.stack.database_url("booking"), MODELS, dry_run=True))

    assert [] == [each for each in compared if each.added or each.removed]
    assert sum(each.rows for each in compared) > 30


def until_mailed(resumed: Resumed, parties: set[str], what: str, times: int = 1) -> None:
    """Wait until all have so many more mails than when the stack had come to rest."""

    def mailed() -> bool:
        new = mails_of(resumed.stack, resumed.api)[len(resumed.mails) :]
        counts = [sum(each in mail["envelope_to"] for mail in new) for each in parties]
        return counts == [times] * len(parties)

    until(mailed, what)


def mails_of(stack: LocalStack, api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while items := api.get(
        f"/api/messages?cursor={found[-1]['id']}" if found else "/api/messages", service="inbox"
    ).body["items"]:
        found += items
    return found


def count_parked(stack: LocalStack, service: str) -> int:
    with psycopg.connect(stack.database_url(service)) as connection:
        row = connection.execute("SELECT count(*) FROM parked").fetchone()
    assert row is not None
    return int(row[0])


def version_of(answer: Answer) -> str | None:
    """Return the version that an ETag names; a digest changes with the moved instants."""
    version, dash, _ = (answer.etag or "").partition("-")
    return version if dash else None


def difference(now: Any, before: Any, path: str = "") -> list[str]:
    """Return where a document lacks or changes what was in it before; what is new is welcome."""
    if isinstance(now, dict) and isinstance(before, dict):
        return [
            line
            for name, value in before.items()
            for line in difference(now.get(name, "nothing"), value, f"{path}/{name}")
        ]
    if path.endswith("/rules") and isinstance(now, list):  # more rules came behind the first ones
        now = now[: len(before)]
    if isinstance(now, list) and isinstance(before, list) and len(now) == len(before):
        return [
            line
            for number, pair in enumerate(zip(now, before, strict=True))
            for line in difference(*pair, f"{path}/{number}")
        ]
    return [] if now == before else [f"{path} is {now!r}, was {before!r}"]

"""What came of other services' topics is made again from them, and causes nothing a second time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import TopicPartition

from contracts import booking as contract
from contracts.availability import SlotAccepted, SlotRejected
from contracts.notifier import MailDataErased
from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from contracts.values import Reason
from services.availability import consumers as availability
from services.availability.read_models import MODELS as AVAILABILITY
from services.booking import consumers as booking
from services.booking.bookings.streams import BOOKING
from services.booking.domain.booking import SlotReleased, SlotReserved
from services.booking.domain.page import PageCreated
from services.booking.domain.slot import Slot
from services.booking.page.streams import PAGE
from services.booking.read_models import MODELS as BOOKING_MODELS
from services.booking.store import store
from services.chassis.events.rebuild import ReadModels, TopicIncomplete, rebuild
from services.chassis.events.streams import Aggregate, AnyCategory, Change, Recorded
from services.chassis.ids import new_id
from services.chassis.messaging.batches import BatchProcessor
from services.chassis.messaging.subscriptions import Subscription
from services.chassis.messaging.whole_topics import refuse_if_cut
from services.chassis.postgres.database import Database
from services.notifier import consumers as notifier
from services.notifier.read_models import MODELS as NOTIFIER
from tests.builders import NOW, confirmed, meeting, move_reserved, profile, reserved, slot
from tests.component.kafka import OtherServices
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.notifier.test_notifier_consuming import bury
from tests.component.rebuilding import LaterRecords, from_now_on
from tests.component.running import migrated


@dataclass(slots=True)
class Service:
    """A service whose consumers a test runs, without a group."""

    name: str
    models: ReadModels
    subscriptions: Sequence[Subscription]
    database: Database
    topics: LaterRecords
    others: OtherServices

    async def consume(self) -> None:
        """Apply all that is on the topics by now; what was applied before is a duplicate."""
        for subscription in self.subscriptions:
            processor = BatchProcessor(self.database, self.name, subscription)
            async for records in self.topics.records(subscription.topic):
                await processor.process(records)

    async def rows(self) -> dict[str, list[str]]:
        """Return all rows of all tables."""
        async with self.database.connection() as connection:
            found = {}
            for table in self.models.metadata.sorted_tables:
                cursor = await connection.execute(
                    f"SELECT t::text AS row FROM {table.name} t ORDER BY 1".encode()
                )
                found[table.name] = [row["row"] for row in await cursor.fetchall()]
            return found

    async def damage(self, *statements: str) -> None:
        async with self.database.connection() as connection:
            for statement in statements:
                await connection.execute(statement.encode())

    async def rebuild(self) -> int:
        """Rebuild; return how many rows came or went."""
        rebuilt = await rebuild(
            self.database.url, self.models, topics=self.topics, service=self.name
        )
        return sum(each.added + each.removed for each in rebuilt)


@pytest.fixture
async def service_of(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    other_services: OtherServices,
) -> Any:
    opened: list[Database] = []

    async def make(name: str, models: ReadModels, subscriptions: Sequence[Subscription]) -> Service:
        database = Database(migrated(database_url_factory(name), name), size=4)
        await database.open()
        opened.append(database)
        topics = await from_now_on(kafka_bootstrap)
        return Service(name, models, subscriptions, database, topics, other_services)

    yield make
    for database in opened:
        await database.close()


async def test_availability_takes_its_verdicts_as_it_gave_them(
    service_of: Any, other_services: OtherServices
) -> None:
    service: Service = await service_of("availability", AVAILABILITY, availability.SUBSCRIPTIONS)
    organizer, kind = uuid4(), new_id()
    first, second, third = (hold(organizer, kind, hours) for hours in (1, 1, 2))
    await other_services.publish(
        contract.PagePublished(organizer_id=organizer),
        contract.PageAllowed(organizer_id=organizer),
        type_of(organizer, kind),
        first,
        second,  # rejected: the first has the time
        third,
    )
    await service.consume()
    # By rules of today the third would be rejected; what it took then stays taken.
    later = type_of(organizer, kind, min_lead_minutes=48 * 60, revision=2)
    await other_services.publish(contract.MeetingTypeChanged(**later.model_dump()))
    await service.consume()
    before = await service.rows()
    await service.damage("TRUNCATE claims, pages", "UPDATE meeting_types SET deleted = true")

    # Nothing ahead of what was consumed: the service has not heard of this yet.
    await other_services.publish(contract.PageUnpublished(organizer_id=organizer))
    assert await service.rebuild() > 0
    assert before == await service.rows()
    assert 0 == await service.rebuild()
    assert {str(first.booking_id), str(third.booking_id)} == {row[1:37] for row in before["claims"]}


async def test_the_notifier_knows_whom_it_knew_and_mails_nobody_again(
    service_of: Any, other_services: OtherServices
) -> None:
    service: Service = await service_of("notifier", NOTIFIER, notifier.SUBSCRIPTIONS)
    gone, known, asked = BookedMeeting(), BookedMeeting(), BookedMeeting()
    for each in (gone, known):
        await other_services.publish(each.page_created(), each.confirmed(), each.recorded())
    await other_services.publish(known.cancelled(), gone.data_erased(), gone.recorded())
    # Of whom nothing is said but that they are dropped: an address that was to be proven.
    await other_services.publish(asked.recipient())
    await bury(other_services, asked)
    await service.consume()
    before = await service.rows()
    await service.damage("TRUNCATE attendees, meetings, organizers, erasures")

    assert await service.rebuild() > 0
    assert before == await service.rows()
    assert 0 == await service.rebuild()
    kept = ("attendees", "erasures", "meetings", "organizers", "deliveries")
    assert [1, 2, 2, 2, 6] == [len(before[table]) for table in kept]


async def test_booking_has_its_verdicts_and_receipts_again(
    service_of: Any, other_services: OtherServices
) -> None:
    service: Service = await service_of("booking", BOOKING_MODELS, booking.SUBSCRIPTIONS)
    organizer = uuid4()
    agreed = meeting(organizer_id=organizer)
    first, second, third = (slot(days=days) for days in (1, 2, 3))
    await append(service, organizer, PAGE, organizer, [PageCreated(organizer, profile())])
    rejected = [reserved(organizer_id=organizer, slot=slot(days=4), link_id=None)]
    moved = [
        reserved(organizer_id=organizer, slot=second),
        confirmed(meeting=agreed, slot=second),
        move_reserved(organizer_id=organizer, slot=first),
        *ended_move(organizer, first),
        move_reserved(organizer_id=organizer, slot=third),
        *ended_move(organizer, third),
        move_reserved(organizer_id=organizer, slot=first),
    ]
    requests = [
        *await append(service, organizer, BOOKING, new_id(), rejected),
        *await append(service, organizer, BOOKING, new_id(), moved),
    ]
    # The newest request for the first time has no answer yet; each other has one.
    for number, request in enumerate(requests[:-1]):
        given = verdict(organizer, request, rejected=number == 0)
        await other_services.publish(given, causation_id=str(request.id))
    erased = MailDataErased(
        organizer_id=organizer,
        attendee_id=new_id(),
        booking_id=new_id(),
        erased_at=datetime.now(UTC),
    )
    await other_services.publish(erased)
    await service.consume()
    before = await service.rows()
    assert [] == before["parked"]
    await service.damage("TRUNCATE verdicts, erasure_receipts")

    assert await service.rebuild() > 0
    assert before == await service.rows()
    assert 0 == await service.rebuild()
    assert (3, 1) == (len(before["verdicts"]), len(before["erasure_receipts"]))


def test_a_topic_that_has_lost_its_first_records_is_refused() -> None:
    kept = TopicPartition(BOOKING_ATTENDEES, 0)
    refuse_if_cut({TopicPartition(BOOKING_EVENTS, 0): 0, kept: 7})

    with pytest.raises(TopicIncomplete, match=BOOKING_EVENTS):
        refuse_if_cut({TopicPartition(BOOKING_EVENTS, 1): 7})


def hold(organizer: UUID, kind: UUID, hours: int) -> contract.SlotReserved:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=24)
    start += timedelta(hours=hours)
    return contract.SlotReserved(
        booking_id=new_id(),
        organizer_id=organizer,
        meeting_type_id=kind,
        start=start,
        end=start + timedelta(minutes=30),
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
        purpose="new",
        by="attendee",
    )


def type_of(organizer: UUID, kind: UUID, **changes: Any) -> contract.MeetingTypeCreated:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    whole: dict[str, Any] = {
        "id": kind,
        "organizer_id": organizer,
        "organizer_time_zone": "UTC",
        "title": "A second opinion",
        "slug": "second-opinion",
        "description": "",
        "duration_minutes": 30,
        "increment_minutes": 30,
        "visibility": "public",
        "hours": "custom",
        "weekly_hours": contract.WeeklyHours(**dict.fromkeys(days, (("00:00", "24:00"),))),
        "min_lead_minutes": 0,
        "max_lead_minutes": 10 * 24 * 60,
        "location": {"kind": "in_person", "address": "Bridge Street 7"},
        "revision": 1,
    }
    return contract.MeetingTypeCreated(**{**whole, **changes})


def ended_move(organizer: UUID, asked: Slot) -> list[SlotReleased]:
    return [
        SlotReleased(
            organizer_id=organizer,
            slot=asked,
            reason="timeout",
            purpose="reschedule",
        )
    ]


def verdict(
    organizer: UUID, request: Recorded[Any], *, rejected: bool
) -> SlotAccepted | SlotRejected:
    kind, asked = SlotRejected if rejected else SlotAccepted, request.event
    return kind(
        booking_id=UUID(request.subject),
        organizer_id=organizer,
        start=asked.slot.start,
        end=asked.slot.end,
        purpose=asked.purpose,
        checked_at=NOW,
        reasons=(Reason(rule="free", detail="Taken."),) if rejected else (),
    )


async def append(
    service: Service, organizer: UUID, category: AnyCategory, id_: UUID, events: Sequence[Any]
) -> list[Recorded[Any]]:
    """Append the events; return those that ask for a time, as they are stored."""
    stream = category.stream(id_)
    change = Change(Aggregate(stream, 0, category.decider.initial), events)
    async with service.database.transaction() as connection:
        await store.append(connection, str(organizer), [change], at=NOW)
    async with service.database.connection() as connection:
        cursor = await connection.execute(
            b"SELECT id, version FROM events WHERE stream = %s ORDER BY version", [stream.name]
        )
        ids = [row["id"] for row in await cursor.fetchall()]
    return [
        Recorded(row_id, stream.name, version, str(organizer), NOW, event)
        for version, (row_id, event) in enumerate(zip(ids, events, strict=True), 1)
        if isinstance(event, SlotReserved)
    ]

"""One outcome of a move: the API and the page give the same reason when it is not made."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.topics import BOOKING_EVENTS
from services.booking import waiting
from services.booking.bookings.context import BookingContext
from services.booking.bookings.reader import BookingReader
from services.booking.web.wording import languages
from tests.component.booking.booking_service import BookingService, Organizer, day, problem, vera
from tests.component.booking.browsing import Visitor, browsing, heading

OLD, NEW, THIRD = day(3), day(4), day(5)
ROUNDS = 20

Booking = dict[str, Any]
# Something that somebody else does with the booking, or with what it depends on.
Step = Callable[[BookingService, Organizer, Booking], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A move that is not made: what prevents it, the problem of the API, the page's heading."""

    before: Step | None = None
    while_pending: Step | None = None
    short_hold: bool = False
    problem: tuple[int, str]
    heading: str


async def take_the_time(service: BookingService, anna: Organizer, booking: Booking) -> None:
    await service.held({"id": booking["meeting_type_id"]}, NEW)


async def reject_the_time(service: BookingService, anna: Organizer, booking: Booking) -> None:
    service.availability.rejections[anna.id] = ("inside_hours",)


async def raise_the_lead(service: BookingService, anna: Organizer, booking: Booking) -> None:
    path = f"/meeting-types/{booking['meeting_type_id']}"
    await anna.body_of("PATCH", path, {"max_lead_minutes": 3 * 24 * 60, "min_lead_minutes": 0})


async def unpublish_the_page(service: BookingService, anna: Organizer, booking: Booking) -> None:
    await anna.body_of("POST", "/page/unpublish")


async def withdraw_access(service: BookingService, anna: Organizer, booking: Booking) -> None:
    await service.withdraw(anna)
    await service.topics.one(BOOKING_EVENTS, anna.id, "PageDenied")


async def cancel(service: BookingService, anna: Organizer, booking: Booking) -> None:
    assert (await service.manage(booking, "cancel")).status_code == 200


async def ask_for_another_time(service: BookingService, anna: Organizer, booking: Booking) -> None:
    body = {"start": THIRD}
    answer = await service.manage(booking, "reschedule", body, Prefer="respond-async")
    assert answer.status_code == 202


async def withdraw_the_move(service: BookingService, anna: Organizer, booking: Booking) -> None:
    assert (await service.manage(booking, "release")).status_code == 200


CASES = {
    "taken": Case(before=take_the_time, problem=(409, "slot-taken"), heading="taken.title"),
    "rejected by availability": Case(
        before=reject_the_time, problem=(409, "slot-not-offered"), heading="not_offered.title"
    ),
    "beyond the horizon": Case(
        before=raise_the_lead, problem=(409, "slot-not-offered"), heading="not_offered.title"
    ),
    "page unpublished": Case(
        before=unpublish_the_page,
        problem=(404, "not-available"),
        heading="problem.not-available.title",
    ),
    "policy denies": Case(
        before=withdraw_access,
        problem=(404, "not-available"),
        heading="problem.not-available.title",
    ),
    "policy denies while it is pending": Case(
        while_pending=withdraw_access,
        problem=(404, "not-available"),
        heading="problem.not-available.title",
    ),
    "timed out": Case(
        short_hold=True, problem=(409, "hold-over"), heading="problem.hold-over.move.title"
    ),
    "withdrawn while it is pending": Case(
        while_pending=withdraw_the_move,
        problem=(409, "hold-over"),
        heading="problem.hold-over.move.title",
    ),
    "cancelled while it is pending": Case(
        while_pending=cancel,
        problem=(409, "state-conflict"),
        heading="problem.state-conflict.title",
    ),
    "replaced while it is pending": Case(
        while_pending=ask_for_another_time,
        problem=(409, "state-conflict"),
        heading="problem.state-conflict.title",
    ),
}


async def move_by_api(process: BookingService, booking: Booking) -> httpx.Response:
    """Ask for the new time by the API."""
    return await process.manage(booking, "reschedule", {"start": NEW})


async def move_by_page(process: BookingService, booking: Booking) -> httpx.Response:
    """Ask for the new time on the booking's page."""
    async with browsing(process) as client:
        visitor = Visitor(client)
        await visitor.open(booking["manage_url"])
        form = await visitor.open(f"/m/booking/{booking['id']}/move?start={NEW}")
        return await visitor.submit(form, "/move")


async def outcome(
    service: BookingService,
    process: BookingService,
    case: Case,
    move: Callable[[BookingService, Booking], Coroutine[Any, Any, httpx.Response]],
) -> httpx.Response:
    """Return the answer to a move that the case prevents, for an organizer of its own."""
    anna = await service.organizer()
    booking = await service.booked(await anna.meeting_type(min_lead_minutes=0), OLD)
    if case.while_pending or case.short_hold:
        service.availability.silent.add(anna.id)
    if case.before:
        await case.before(service, anna, booking)
    asking = asyncio.create_task(move(process, booking))
    if case.while_pending:
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", number=2)
        await case.while_pending(service, anna, booking)
    answer = await asking
    assert "BookingRescheduled" not in await anna.events()
    return answer


@pytest.mark.parametrize("name", CASES)
async def test_a_move_that_is_not_made_has_one_reason_for_the_api_and_the_page(
    service: BookingService, short_holds: BookingService, name: str
) -> None:
    case = CASES[name]
    process = short_holds if case.short_hold else service

    by_api = await outcome(service, process, case, move_by_api)
    by_page = await outcome(service, process, case, move_by_page)

    assert case.problem == problem(by_api)
    assert (case.problem[0], languages()["en"].phrases[case.heading]) == (
        by_page.status_code,
        heading(by_page),
    )


async def test_a_move_that_is_made_is_done_for_the_api_and_on_the_page(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    first, second = await service.booked(kind, OLD), await service.booked(kind, THIRD)

    by_api = await move_by_api(service, first)
    async with browsing(service) as client:
        visitor = Visitor(client)
        await visitor.open(second["manage_url"])
        form = await visitor.open(f"/m/booking/{second['id']}/move?start={day(6)}")
        by_page = await visitor.submit(form, "/move")

    assert (200, NEW) == (by_api.status_code, by_api.json()["start"])
    assert (200, f"/m/booking/{second['id']}") == (by_page.status_code, by_page.url.path)
    assert day(6) == (await service.read(second))["start"]


async def test_a_move_that_loses_to_a_cancellation_is_a_conflict_and_never_a_success(
    service: BookingService, anna: Organizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Availability gives no verdict, so that no move can be made before its cancellation."""
    monkeypatch.setattr(waiting, "POLL_SECONDS", 0.02)
    kind = await anna.meeting_type()
    bookings = [await service.booked(kind, day(3 + n)) for n in range(ROUNDS)]
    service.availability.silent.add(anna.id)

    races = [await _race(service, number, booking) for number, booking in enumerate(bookings)]

    assert [(409, "state-conflict")] * ROUNDS == [problem(moved) for moved, _ in races]
    assert [200] * ROUNDS == [cancelled.status_code for _, cancelled in races]
    assert "BookingRescheduled" not in await anna.events()


async def test_a_move_that_races_a_cancellation_succeeds_only_if_it_was_made(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    bookings = [await service.booked(kind, day(3 + n)) for n in range(ROUNDS)]

    races = [await _race(service, number, booking) for number, booking in enumerate(bookings)]
    rows = await service.booking.rows(
        "SELECT stream FROM events WHERE partition_key = %s AND type = 'BookingRescheduled'",
        str(anna.id),
    )
    made = {row["stream"].removeprefix("booking-") for row in rows}

    for booking, (moved, cancelled) in zip(bookings, races, strict=True):
        assert cancelled.status_code == 200
        if moved.is_success:
            assert (200, True) == (moved.status_code, booking["id"] in made)
        else:
            assert (409, "state-conflict") == problem(moved)
        assert "cancelled" == (await service.read(booking))["status"]


async def test_a_verdict_wakes_only_the_request_that_waits_for_it(
    service: BookingService, anna: Organizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at a booking is counted; without polls a look follows a wake-up only."""
    monkeypatch.setattr(waiting, "POLL_SECONDS", 60)
    looks: list[str] = []
    look = BookingReader.booking

    async def counted_look(reader: BookingReader, booking_id: UUID) -> BookingContext:
        looks.append(str(booking_id))
        return await look(reader, booking_id)

    kind = await anna.meeting_type()
    service.availability.silent.add(anna.id)
    monkeypatch.setattr(BookingReader, "booking", counted_look)
    # One-call bookings: they read what they decide on, a hold is answered by what it was told.
    asking = [
        asyncio.create_task(service.reserve(kind, day(3 + n), attendee=vera())) for n in range(3)
    ]
    reserved = [
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", number)
        for number in (1, 2, 3)
    ]
    ids = [str(each.event.booking_id) for each in reserved]

    await service.availability.answer(reserved[0])
    [answered], waiting_still = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    first = answered.result()
    after_first = [looks.count(id_) for id_ in ids]
    for each in reserved[1:]:
        await service.availability.answer(each)
    others = [await each for each in waiting_still]

    assert (201, ids[0], "accepted") == (
        first.status_code,
        first.json()["id"],
        first.json()["verdict"],
    )
    assert [1, 0, 0] == after_first
    assert [1, 1, 1] == [looks.count(id_) for id_ in ids]
    assert [201, 201] == [each.status_code for each in others]


async def _race(
    service: BookingService, number: int, booking: Booking
) -> tuple[httpx.Response, httpx.Response]:
    """Move and cancel the booking at once."""
    moved, cancelled = await asyncio.gather(
        service.manage(booking, "reschedule", {"start": day(3 + number, 12)}),
        service.manage(booking, "cancel"),
    )
    return moved, cancelled

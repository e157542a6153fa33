"""What a page costs: one round trip to the database, one request to availability."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from services.booking.domain.refusals import LinkSuspended, NotAvailable, NotFound
from services.booking.public.offerings import (
    offering_at_address,
    offering_behind_link,
    offering_of_type,
    open_page,
)
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection
from tests.component.booking.booking_service import BookingService, Organizer
from tests.component.booking.browsing import browsing, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.round_trips import round_trips

Read = Callable[[Connection], Awaitable[Any]]


async def read(service: BookingService, work: Read) -> Any:
    """Read twice, so that the statement is prepared, and return what the second time gave."""
    async with service.booking.database.connection() as connection:
        await work(connection)
        with round_trips(connection) as waits:
            found = await work(connection)
    assert waits == ["Sync"]
    return found


async def test_what_a_visitor_may_book_is_found_in_one_round_trip(
    service: BookingService, anna: Organizer
) -> None:
    public = await anna.meeting_type(slug="introduction")
    other = await anna.meeting_type(slug="another")
    private = await anna.meeting_type(visibility="private")
    link = await anna.link(private)
    public_id, private_id, link_id = (UUID(each["id"]) for each in (public, private, link))

    at_address = await read(
        service, lambda c: offering_at_address(c, anna.identity, "introduction")
    )
    of_type = await read(service, lambda c: offering_of_type(c, public_id))
    behind_link = await read(service, lambda c: offering_behind_link(c, link_id))
    page = await read(service, lambda c: open_page(c, anna.identity))

    assert public["title"] == at_address.settings.title
    assert at_address == of_type
    assert private_id == behind_link.id
    assert [public["id"], other["id"]] == [str(each.id) for each in page.offerings]
    assert page.profile == at_address.profile == behind_link.profile


async def test_what_is_not_there_is_told_apart_from_what_is_closed(
    service: BookingService, anna: Organizer
) -> None:
    private = await anna.meeting_type(slug="secret", visibility="private")
    link_id = UUID((await anna.link(private))["id"])
    reads: list[tuple[type[Exception], Read]] = [
        (NotAvailable, lambda c: open_page(c, "nobody-at-all")),
        (NotFound, lambda c: offering_at_address(c, anna.identity, "secret")),
        (NotFound, lambda c: offering_at_address(c, anna.identity, "nothing")),
        (NotFound, lambda c: offering_of_type(c, UUID(private["id"]))),
        (NotFound, lambda c: offering_of_type(c, new_id())),
        (NotFound, lambda c: offering_behind_link(c, new_id())),
    ]
    for refusal, work in reads:
        with pytest.raises(refusal):
            await read(service, work)

    await anna.body_of("POST", "/page/unpublish")

    with pytest.raises(LinkSuspended):
        await read(service, lambda c: offering_behind_link(c, link_id))
    with pytest.raises(NotAvailable):
        await read(service, lambda c: offering_at_address(c, anna.identity, "secret"))


async def test_a_page_to_pick_a_time_asks_availability_once(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(slug="introduction")
    offer(free_times, "2027-01-11T09:00:00Z")

    async with browsing(service) as http:
        page = await http.get(f"/with/{anna.identity}/introduction?month=2027-01")

    assert 200 == page.status_code
    assert [kind["id"]] == [query["meeting_type_id"] for query, _ in free_times.requests]

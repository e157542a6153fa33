"""Times that an offer holds, holds that are extended, and the length that a link fixes."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts import booking
from contracts.values import Period
from services.chassis.ids import new_id
from tests.component.availability.organizer import (
    Availability,
    Organizer,
    link_token,
    monday,
    stamp,
)

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
async def anna(organizer: Organizer) -> Organizer:
    """An organizer of this test alone, with an open page."""
    await organizer.open()
    return organizer


def offer(
    anna: Organizer, kind: UUID, link: UUID, *starts: datetime, **changes: object
) -> booking.OfferMade:
    """Return an offer that holds the times."""
    whole: dict[str, object] = {
        "organizer_id": anna.id,
        "offer_id": new_id(),
        "meeting_type_id": kind,
        "link_id": link,
        "times": tuple(Period(start=each, end=each + HALF_AN_HOUR) for each in starts),
        "held": True,
        "expires_at": monday(hour=23),
    }
    return booking.OfferMade.model_validate({**whole, **changes})


async def test_held_times_of_an_offer_are_free_for_whoever_has_its_link_only(
    availability: Availability, anna: Organizer
) -> None:
    public = await anna.offers()
    private = await anna.offers(visibility="private")
    link, other = await anna.link(private), await anna.link(private)
    await anna.publish(offer(anna, private, link, monday(9), monday(10)))
    window = (monday(9), monday(11))

    for_all = await availability.starts(public, *window)
    for_others = await availability.starts(private, *window, X_Link_Token=link_token(other))
    for_them = await availability.starts(private, *window, X_Link_Token=link_token(link))

    free = [stamp(monday(9, 30)), stamp(monday(10, 30))]
    assert [free, free] == [for_all, for_others]
    assert [stamp(monday(9)), free[0], stamp(monday(10)), free[1]] == for_them


async def test_a_reservation_of_a_held_time_is_accepted_with_the_offers_link_only(
    anna: Organizer,
) -> None:
    private = await anna.offers(visibility="private")
    link, other = await anna.link(private), await anna.link(private)
    await anna.publish(offer(anna, private, link, monday(9), monday(10)))

    theirs = await anna.judged(anna.reserved(private, monday(9), link_id=link))
    strangers = await anna.judged(anna.reserved(private, monday(10), link_id=other))
    without = await anna.judged(anna.reserved(private, monday(10)))
    again = await anna.judged(anna.reserved(private, monday(9), link_id=link))

    assert [[], ["free"], ["free"], ["free"]] == [theirs, strangers, without, again]


@pytest.mark.parametrize("reason", ["consumed", "revoked", "ttl"])
async def test_the_times_of_an_offer_are_free_when_its_link_ends(
    availability: Availability, anna: Organizer, reason: str
) -> None:
    public, private = await anna.offers(), await anna.offers(visibility="private")
    link = await anna.link(private)
    await anna.publish(offer(anna, private, link, monday(9)), anna.ended(link, private, reason))

    assert stamp(monday(9)) in await availability.starts(public, monday(9), monday(10))


async def test_an_offer_that_holds_nothing_and_one_that_is_over_take_no_time(
    availability: Availability, anna: Organizer
) -> None:
    public, private = await anna.offers(), await anna.offers(visibility="private")
    link = await anna.link(private)
    over = datetime.now(UTC) + timedelta(milliseconds=10)
    await anna.publish(
        offer(anna, private, link, monday(9), held=False),
        offer(anna, private, link, monday(10), expires_at=over),
    )

    starts = await availability.starts(public, monday(9), monday(11))

    assert {stamp(monday(9)), stamp(monday(10))} <= set(starts)


async def test_an_extended_hold_takes_its_time_until_the_new_deadline(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    soon = datetime.now(UTC) + timedelta(seconds=1)
    held = anna.reserved(kind, monday(9), expires_at=soon)
    assert [] == await anna.judged(held)
    await anna.publish(
        booking.HoldExtended(
            organizer_id=anna.id,
            booking_id=held.booking_id,
            start=held.start,
            end=held.end,
            expires_at=soon + timedelta(minutes=5),
        )
    )
    await asyncio.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()) + 0.05)

    assert stamp(monday(9)) not in await availability.starts(kind, monday(9), monday(10))
    assert ["free"] == await anna.judged(anna.reserved(kind, monday(9)))


async def test_a_link_fixes_the_length_of_the_meetings_that_are_booked_with_it(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(visibility="private", increment_minutes=60)
    issued = anna.issued(kind).model_copy(update={"duration_minutes": 75})
    await anna.publish(issued)

    answer = await availability.slots(
        kind,
        from_=stamp(monday(9)),
        to=stamp(monday(10)),
        X_Link_Token=link_token(issued.link_id),
    )
    long = anna.reserved(kind, monday(9), end=monday(10, 15), link_id=issued.link_id)

    assert [{"start": stamp(monday(9)), "end": stamp(monday(10, 15))}] == answer.json()["slots"]
    assert [] == await anna.judged(long)

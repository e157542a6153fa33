"""Who may see the times of a meeting type, and what decides them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.availability.domain.busy import Claim
from services.availability.domain.hours import REGULAR_HOURS
from services.availability.domain.intervals import micros
from services.availability.domain.offering import (
    Offering,
    OwnBooking,
    PrivateLink,
    check_access,
    offer_of,
)
from services.availability.domain.refusals import (
    LinkEnded,
    LinkSuspended,
    MeetingTypeNotFound,
    PageNotAvailable,
    Refusal,
)
from services.availability.domain.slots import MeetingType

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HALF_AN_HOUR = MeetingType(
    duration_minutes=30,
    increment_minutes=30,
    min_lead_minutes=0,
    max_lead_minutes=60 * 24 * 60,
    time_zone="Europe/Copenhagen",
    hours=REGULAR_HOURS,
)
PUBLIC = Offering(
    id=UUID(int=1),
    organizer_id=UUID(int=2),
    private=False,
    deleted=False,
    enabled=True,
    published=True,
    allowed=True,
    meeting_type=HALF_AN_HOUR,
    now=NOW,
)
PRIVATE = replace(PUBLIC, private=True)
DELETED = replace(PRIVATE, deleted=True)
UNPUBLISHED = replace(PRIVATE, published=False)
DENIED = replace(PRIVATE, allowed=False)
LINK = PrivateLink(meeting_type_id=PUBLIC.id, end_reason=None, expired=False)
LINK_OF_OTHER_TYPE = replace(LINK, meeting_type_id=UUID(int=9))
REVOKED = replace(LINK, end_reason="revoked")
EXPIRED = replace(LINK, expired=True)
OWN = OwnBooking(id=UUID(int=3), meeting_type_id=PUBLIC.id, length=timedelta(minutes=45))
OWN_OF_OTHER_TYPE = replace(OWN, meeting_type_id=UUID(int=9))


@pytest.mark.parametrize(
    ("offering", "link", "own"),
    [
        (PUBLIC, None, None),
        (PUBLIC, LINK, None),
        (PRIVATE, LINK, None),
        (PRIVATE, None, OWN),
        (DELETED, None, OWN),
        (PRIVATE, REVOKED, OWN),
        (PRIVATE, LINK, OWN_OF_OTHER_TYPE),
    ],
)
def test_an_open_type_is_shown_to_whoever_may_book_it(
    offering: Offering, link: PrivateLink | None, own: OwnBooking | None
) -> None:
    check_access(offering, link, own)


@pytest.mark.parametrize(
    ("offering", "link", "own", "refusal"),
    [
        (PRIVATE, None, None, MeetingTypeNotFound),
        (PRIVATE, None, OWN_OF_OTHER_TYPE, MeetingTypeNotFound),
        (PRIVATE, LINK_OF_OTHER_TYPE, None, MeetingTypeNotFound),
        (PUBLIC, LINK_OF_OTHER_TYPE, None, MeetingTypeNotFound),
        (replace(PUBLIC, deleted=True), None, None, MeetingTypeNotFound),
        (DELETED, LINK, None, MeetingTypeNotFound),
        (PRIVATE, REVOKED, None, LinkEnded),
        (PRIVATE, EXPIRED, None, LinkEnded),
        (UNPUBLISHED, REVOKED, None, LinkEnded),
        (UNPUBLISHED, LINK, None, LinkSuspended),
        (DENIED, LINK, None, LinkSuspended),
        (replace(PUBLIC, published=False), None, None, PageNotAvailable),
        (replace(PUBLIC, allowed=False), None, None, PageNotAvailable),
        (UNPUBLISHED, None, OWN, PageNotAvailable),
    ],
)
def test_a_type_is_refused_to_whoever_may_not_book_it(
    offering: Offering,
    link: PrivateLink | None,
    own: OwnBooking | None,
    refusal: type[Refusal],
) -> None:
    with pytest.raises(Refusal) as refused:
        check_access(offering, link, own)

    assert type(refused.value) is refusal


@pytest.mark.parametrize(("link", "reason"), [(REVOKED, "revoked"), (EXPIRED, "ttl")])
def test_an_ended_link_gives_its_reason(link: PrivateLink, reason: str) -> None:
    with pytest.raises(LinkEnded) as refused:
        check_access(PRIVATE, link, None)

    assert refused.value.reason == reason


def test_the_organizer_may_use_an_unpublished_page_but_not_a_denied_one() -> None:
    assert UNPUBLISHED.is_open(to_organizer=True)
    assert not DENIED.is_open(to_organizer=True)
    assert not offer_of(UNPUBLISHED, [], NOW).page_open
    assert offer_of(UNPUBLISHED, [], NOW, by_organizer=True).page_open


def test_the_own_booking_takes_no_time_and_keeps_its_length() -> None:
    start = NOW + timedelta(hours=1)
    end = start + OWN.length
    claims = [Claim(OWN.id, start, end), Claim(UUID(int=4), end, end + timedelta(hours=1))]

    new = offer_of(PUBLIC, claims, NOW)
    moved = offer_of(PUBLIC, claims, NOW, own=OWN)

    assert (new.meeting_type, new.now) == (HALF_AN_HOUR, NOW)
    assert new.busy == [(micros(start), micros(end + timedelta(hours=1)))]
    assert moved.meeting_type == replace(HALF_AN_HOUR, duration_minutes=45)
    assert moved.busy == [(micros(end), micros(end + timedelta(hours=1)))]


def test_an_unknown_type_offers_nothing() -> None:
    offer = offer_of(None, [], NOW, own=OWN, by_organizer=True)

    assert (offer.meeting_type, offer.page_open, offer.by_organizer) == (None, False, True)

"""What may be booked and moved: a meeting type together with its organizer's page."""

from typing import Literal

import pytest

from services.booking.domain import meeting_type, page
from services.booking.domain.offering import bookable_settings, is_offered, may_move
from services.booking.domain.refusals import LinkSuspended, NotAvailable, NotFound, Refusal
from services.booking.domain.slot import Party
from tests.builders import ANNA, profile, settings

Visibility = Literal["public", "private"]

CREATED = page.PageCreated(ANNA, profile())
OPEN = page.DECIDER.fold([CREATED, page.PagePublished(), page.PageAllowed()])
UNPUBLISHED = page.DECIDER.fold([CREATED, page.PageAllowed()])
DENIED = page.DECIDER.fold([CREATED, page.PagePublished(), page.PageDenied("ews_enabled")])
ABSENT = page.DECIDER.initial


def offered(visibility: Visibility) -> meeting_type.State:
    created = meeting_type.MeetingTypeCreated(
        organizer_id=ANNA,
        organizer_time_zone="Europe/Copenhagen",
        settings=settings(visibility=visibility),
        revision=1,
    )
    return meeting_type.DECIDER.fold([created])


def deleted() -> meeting_type.State:
    return meeting_type.DECIDER.evolve(offered("public"), meeting_type.MeetingTypeDeleted())


def test_a_type_is_offered_while_it_exists_and_its_page_is_open() -> None:
    assert is_offered(offered("private"), OPEN)
    assert not is_offered(deleted(), OPEN)
    assert not is_offered(meeting_type.DECIDER.initial, OPEN)
    for closed in (UNPUBLISHED, DENIED, ABSENT):
        assert not is_offered(offered("private"), closed)


@pytest.mark.parametrize(
    ("visibility", "by", "has_link"),
    [
        ("public", "attendee", False),
        ("public", "attendee", True),
        ("private", "attendee", True),
        ("private", "organizer", False),
        ("public", "organizer", False),
    ],
)
def test_a_type_on_an_open_page_is_bookable_and_a_private_one_needs_its_link_or_its_organizer(
    visibility: Visibility, by: Party, has_link: bool
) -> None:
    found = bookable_settings(offered(visibility), OPEN, by=by, has_link=has_link)

    assert settings(visibility=visibility) == found


def test_a_private_type_is_not_found_by_an_attendee_without_its_link() -> None:
    with pytest.raises(NotFound) as refused:
        bookable_settings(offered("private"), OPEN, by="attendee", has_link=False)

    assert refused.value.what == "meeting type"


@pytest.mark.parametrize("state", [deleted(), meeting_type.DECIDER.initial])
def test_a_type_that_does_not_exist_is_not_found_even_with_a_link(
    state: meeting_type.State,
) -> None:
    with pytest.raises(NotFound) as refused:
        bookable_settings(state, OPEN, by="organizer", has_link=True)

    assert refused.value.what == "meeting type"


@pytest.mark.parametrize("closed", [UNPUBLISHED, DENIED, ABSENT])
@pytest.mark.parametrize(("has_link", "kind"), [(False, NotAvailable), (True, LinkSuspended)])
def test_a_type_on_a_closed_page_is_not_available_and_its_link_is_suspended(
    closed: page.State, has_link: bool, kind: type[Refusal]
) -> None:
    with pytest.raises(NotAvailable) as refused:
        bookable_settings(offered("public"), closed, by="attendee", has_link=has_link)

    assert kind is type(refused.value)


@pytest.mark.parametrize(
    ("owner", "by_attendee", "by_organizer"),
    [
        (OPEN, True, True),
        (UNPUBLISHED, False, True),
        (DENIED, False, False),
        (ABSENT, False, False),
    ],
)
def test_an_attendee_moves_on_an_open_page_and_an_organizer_on_an_allowed_one(
    owner: page.State, by_attendee: bool, by_organizer: bool
) -> None:
    assert by_attendee == may_move(owner, "attendee")
    assert by_organizer == may_move(owner, "organizer")

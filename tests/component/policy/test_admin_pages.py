"""The administrators' pages: a change is seen before it is made, made, found again and undone."""

from collections.abc import AsyncIterator

import pytest

from tests.component.booking.organizer_desk import Desk
from tests.component.policy.admin_desk import ADMIN, apply, desk_of, plan, words_of
from tests.component.policy.administration import Administration

ORGANIZATION, LICENCES, SHARING = (
    f"{ADMIN}/organization",
    f"{ADMIN}/licences",
    f"{ADMIN}/sharing",
)


@pytest.fixture
async def desk(administration: Administration) -> AsyncIterator[Desk]:
    """Ada in front of the administrators' pages."""
    async with desk_of(administration) as opened:
        yield opened


async def test_a_change_for_everybody_is_shown_before_it_is_made_and_then_is_so(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    planned = await plan(desk, ORGANIZATION, ews_enabled="off")
    before = (await administration.call("GET", "/organization")).json()
    unconfirmed = await apply(desk, planned)
    made = await apply(desk, planned, confirm=True)
    after = (await administration.call("GET", "/organization")).json()

    said = words_of(planned)
    assert "Pages (EwsEnabled): Empty → Off" in said
    assert str(user.id) in planned.text
    assert "Nobody will have a page any more" in said
    assert None is before["EwsEnabled"]
    assert 422 == unconfirmed.status_code
    assert "Tick this to make the change" in words_of(unconfirmed)
    assert "The change is made" in words_of(made)
    assert False is after["EwsEnabled"]

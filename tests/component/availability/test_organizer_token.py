"""Availability asked in the name of a signed-in organizer, by a token that soon ends."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.capabilities import MANAGE, ORGANIZER_SECONDS, organizer_at
from tests.component.availability.organizer import RING, Availability, Organizer, monday, stamp

EXPLAIN = "/api/availability/v1/explain"
YEAR = 365 * 24 * 60


def token(organizer_id: UUID, age: timedelta = timedelta()) -> str:
    return RING.issue(organizer_at(datetime.now(UTC) - age), organizer_id)


async def explained(availability: Availability, kind: UUID, shown: str) -> httpx.Response:
    asked = {"meeting_type_id": str(kind), "start": stamp(monday(9))}
    headers = {"X-Organizer-Token": shown}
    return await availability.service.http.get(EXPLAIN, params=asked, headers=headers)


async def test_an_organizer_sees_times_that_leads_links_and_the_page_hide_from_others(
    availability: Availability, organizer: Organizer
) -> None:
    kind = organizer.meeting_type(visibility="private", min_lead_minutes=YEAR)
    await organizer.publish(organizer.allowed(), kind)
    window = {"start": monday(9), "end": monday(11)}

    seen = await availability.starts(kind.id, **window, X_Organizer_Token=token(organizer.id))
    hidden = await availability.slots(
        kind.id, from_=stamp(window["start"]), to=stamp(window["end"])
    )

    assert [
        stamp(monday(9)),
        stamp(monday(9, 30)),
        stamp(monday(10)),
        stamp(monday(10, 30)),
    ] == seen
    assert 404 == hidden.status_code


async def test_what_is_taken_is_free_for_nobody(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    await anna.publish(anna.reserved(kind, monday(9, 30)))

    seen = await availability.starts(
        kind, monday(9), monday(10, 30), X_Organizer_Token=token(anna.id)
    )

    assert [stamp(monday(9)), stamp(monday(10))] == seen


async def test_the_token_of_one_organizer_opens_nothing_of_another(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    bo = token(availability.sign_in.id_of("bo"))

    asked: dict[str, Any] = {"from_": stamp(monday(9)), "to": stamp(monday(10))}

    assert 404 == (await availability.slots(kind, **asked, X_Organizer_Token=bo)).status_code
    assert 404 == (await explained(availability, kind, bo)).status_code


async def test_a_token_explains_a_time_with_the_instants_that_its_words_name(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(increment_minutes=30)
    await anna.publish(anna.reserved(kind, monday(9)))

    answer = await explained(availability, kind, token(anna.id))

    rules = {each["rule"]: each for each in answer.json()["rules"]}
    assert stamp(monday(9)) == rules["free"]["since"]
    assert stamp(monday(9, 30)) == rules["free"]["until"]
    assert 30 == rules["on_grid"]["minutes"]


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(), 200),
        (timedelta(seconds=ORGANIZER_SECONDS), 200),
        (timedelta(seconds=-ORGANIZER_SECONDS / 2), 200),
        (timedelta(seconds=2.1 * ORGANIZER_SECONDS), 401),
        (timedelta(days=1), 401),
    ],
)
async def test_a_token_ends_within_two_periods(
    availability: Availability, anna: Organizer, age: timedelta, status: int
) -> None:
    kind = await anna.offers()

    assert status == (await explained(availability, kind, token(anna.id, age))).status_code


async def test_no_other_token_is_that_of_an_organizer(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()

    for shown in (RING.issue(MANAGE, anna.id), "bwo_forged", token(anna.id)[:-4] + "AAA="):
        assert 401 == (await explained(availability, kind, shown)).status_code

"""Hostile text in each field that organizers see, on each of their pages: shown, not obeyed."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.booking.web.organizer.routers import ROUTERS
from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import offer, signed_in
from tests.component.booking.conftest import FreeTimesServer
from tests.component.booking.organizer_desk import names_in_addresses

MARKUP = "\"'><img src=x onerror=alert(1)>{{7*7}}</textarea></title>"
FIELDS = ("title", "description", "address", "question", "choice", "reminder", "label", "name")
PAGES = sorted(
    route.path
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
)


def hostile(field: str) -> str:
    """Return text that would be markup, and says in which field it stood."""
    return f"{field}{MARKUP}"


@pytest.fixture
async def things(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> dict[str, Any]:
    """Anna's things, with hostile text wherever text can be."""
    kind = await anna.meeting_type(
        title=hostile("title"),
        slug="hostile",
        description=hostile("description"),
        location={"kind": "in_person", "address": hostile("address")},
        questions=[
            {"label": hostile("question")},
            {"label": "Which?", "kind": "choice", "choices": [hostile("choice")]},
        ],
        reminders=[{"minutes_before": 60, "text": hostile("reminder")}],
        visibility="private",
    )
    person = {"name": hostile("name"), "email": "vera@visitors.example"}
    link = await anna.link(kind, label=hostile("label"), reference=MARKUP, addressees=[person])
    used = await anna.link(kind)
    asked = {"attendee": vera(name=hostile("name"))}
    booked = await service.held(kind, day(3), token=used["token"], **asked)
    offer(free_times, day(30))
    times = {"meeting_type_id": kind["id"], "starts": [day(30)]}
    offered = await anna.body_of("POST", "/offers", times)
    return names_in_addresses(kind, link, booked, offered)


async def test_hostile_text_is_inert_on_every_page(anna: Organizer, things: dict[str, Any]) -> None:
    shown: dict[str, set[str]] = {field: set() for field in FIELDS}
    async with signed_in(anna) as client:
        for template in PAGES:
            page = await client.get(template.format(**things))
            if not page.headers.get("content-type", "").startswith("text/html"):
                continue

            assert page.status_code < 500, template
            assert "<img src=x" not in page.text, template
            assert "49</t" not in page.text, template
            for field in FIELDS:
                if f"{field}&#34;&#39;&gt;&lt;img src=x" in page.text:
                    shown[field].add(template)

    # Each of them was shown somewhere: the test looks at what it means to look at.
    assert [] == [field for field in FIELDS if not shown[field]]


async def test_hostile_text_that_is_typed_and_refused_comes_back_inert(
    anna: Organizer, things: dict[str, Any]
) -> None:
    path = f"/organizer/types/{things['type_id']}"
    async with signed_in(anna) as client:
        form = await client.get(path)
        key = form.text.partition('id="type"')[2].partition('name="form" value="')[2]
        sent = {
            "form": key.partition('"')[0],
            "title": MARKUP,
            "durations": MARKUP,
            "slug": MARKUP,
            "colour": MARKUP,
            "place-0-kind": MARKUP,
            "place-0-text": MARKUP,
            "question-0-label": MARKUP,
            "question-0-kind": MARKUP,
            "mon-0-from": MARKUP,
            "hours": "custom",
            "date-0-day": MARKUP,
            "do": "save",
        }
        refused = await client.post(path, data=sent)

    assert 422 == refused.status_code
    assert "<img src=x" not in refused.text

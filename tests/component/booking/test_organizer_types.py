"""The organizer's meeting types: cards, the editor with each of its fields, what ends with one."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.component.booking.booking_service import Organizer
from tests.component.booking.browsing import browsing, heading, signed_in
from tests.component.booking.form_reading import form_to
from tests.component.booking.organizer_desk import Desk

TYPES = "/organizer/types"
# What is typed into each field of the form, and what the API then says.
TYPED = {
    "title": "Advice & <b>coffee</b>",
    "slug": "advice-and-coffee",
    "description": "First line\nsecond line",
    "durations": "45, 20",
    "increment": "15",
    "visibility": "private",
    "hours": "custom",
    "mon-0-from": "08:30",
    "mon-0-to": "00:00",
    "lead": "3",
    "lead_unit": "days",
    "horizon": "90",
    "before": "5",
    "after": "10",
    "per_day": "3",
    "per_week": "9",
    "per_person": "1",
    "approval": "yes",
    "deadline": "6",
    "deadline_unit": "hours",
    "verification": "yes",
    "members": "yes",
    "cutoff": "1",
    "cutoff_unit": "days",
    "colour": "#17734a",
    "origins": "https://WWW.example.com/\n\n https://b.example:8443 \nhttps://www.example.com",
    "place-0-kind": "you_call",
    "place-0-text": "+45 12 34 56 78",
}
SAID: dict[str, Any] = {
    "title": "Advice & <b>coffee</b>",
    "slug": "advice-and-coffee",
    "description": "First line\nsecond line",
    "durations_minutes": [45, 20],
    "increment_minutes": 15,
    "visibility": "private",
    "hours": "custom",
    "min_lead_minutes": 3 * 1440,
    "max_lead_minutes": 90 * 1440,
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "max_per_day": 3,
    "max_per_week": 9,
    "max_active_per_attendee": 1,
    "approval_required": True,
    "approval_deadline_minutes": 360,
    "verification_required": True,
    "members_only": True,
    "change_cutoff_minutes": 1440,
    "frame_origins": ["https://www.example.com", "https://b.example:8443"],
    "colour": "#17734a",
    "enabled": True,
    "location": {"kind": "phone", "who_calls": "attendee", "number": "+45 12 34 56 78"},
}
BAD = {
    "title": "",
    "durations": "three",
    "slug": "Not an address",
    "lead": "-1",
    "horizon": "400",
    "before": "1000",
    "per_day": "0",
    "increment": "1",
    "cutoff": "never",
    "deadline": "99",
    "colour": "red",
    "place-0-text": "",
}


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Desk]:
    """Anna in front of her own pages."""
    async with signed_in(anna) as client:
        yield Desk(client)


async def read(anna: Organizer, kind: dict[str, Any]) -> dict[str, Any]:
    """Return the type as the API says it is."""
    found: dict[str, Any] = await anna.body_of("GET", f"/meeting-types/{kind['id']}")
    return found


async def test_each_field_of_the_editor_is_a_field_of_the_api(desk: Desk, anna: Organizer) -> None:
    kind = await anna.meeting_type()
    path = f"{TYPES}/{kind['id']}"
    form = await desk.open(path)
    for name in ("question", "question", "reminder", "date", "place"):
        form = await desk.send(form, path, do=f"add:{name}")
    rows = {
        "question-0-label": "Why?",
        "question-0-required": "yes",
        "question-1-label": "Which?",
        "question-1-kind": "choice",
        "question-1-choices": "This\nThat",
        "reminder-0-number": "2",
        "reminder-0-unit": "days",
        "reminder-0-to": "attendee",
        "reminder-0-text": "Bring a pen.",
        "date-0-day": "2030-12-24",
        "date-0-hours": "9-12, 13:30-15",
        "place-1-kind": "place",
        "place-1-text": "Room 4",
    }
    saved = await desk.send(form, path, {**TYPED, **rows}, do="save")
    again = await desk.send(await desk.open(path), path, do="save")

    assert (200, TYPES) == (saved.status_code, saved.url.path)
    found = await read(anna, kind)
    assert {name: found[name] for name in SAID} == SAID
    assert [["08:30", "24:00"]] == found["weekly_hours"]["mon"]
    assert {"2030-12-24": [["09:00", "12:00"], ["13:30", "15:00"]]} == found["date_overrides"]
    assert ["Why?", "Which?"] == [each["label"] for each in found["questions"]]
    assert [True, False] == [each["required"] for each in found["questions"]]
    assert ["This", "That"] == found["questions"][1]["choices"]
    assert [{"minutes_before": 2880, "to": "attendee", "text": "Bring a pen."}] == found[
        "reminders"
    ]
    assert {"kind": "in_person", "address": "Room 4"} == found["locations"][1]
    # What is shown is what is saved: sent as it stands it changes nothing.
    assert (200, 2) == (again.status_code, found["revision"])
    assert 2 == (await read(anna, kind))["revision"]


@pytest.mark.parametrize("field", BAD)
async def test_a_bad_value_is_named_at_its_field_and_everything_typed_stays(
    desk: Desk, anna: Organizer, field: str
) -> None:
    kind = await anna.meeting_type()
    path = f"{TYPES}/{kind['id']}"
    form = await desk.open(path)
    sent = {"title": "A new title", "description": "Kept as typed", field: BAD[field]}
    refused = await desk.send(form, path, sent, do="save")

    assert 422 == refused.status_code
    assert f'href="#{field}"' in refused.text
    kept = form_to(refused, path).fields
    assert "Kept as typed" == kept["description"]
    if field != "colour":  # which is chosen, not typed
        assert BAD[field] == kept[field]
    assert 1 == (await read(anna, kind))["revision"]


async def test_hours_and_questions_are_added_moved_and_removed_by_buttons(
    desk: Desk, anna: Organizer
) -> None:
    kind = await anna.meeting_type(
        questions=[{"label": "First?"}, {"label": "Second?"}],
        hours="custom",
        weekly_hours={"mon": [["09:00", "12:00"], ["13:00", "17:00"]]},
    )
    path = f"{TYPES}/{kind['id']}"
    form = await desk.send(await desk.open(path), path, do="up:question:1")
    form = await desk.send(form, path, do="remove:mon:0")
    form = await desk.send(form, path, do="copy:mon")
    form = await desk.send(form, path, do="add:sat")
    form = await desk.send(form, path, do="remove:question:7")  # there is no such row
    before = (await read(anna, kind))["revision"]
    saved = await desk.send(form, path, {"title": "Moved"}, do="save")

    found = await read(anna, kind)
    assert (1, 200) == (before, saved.status_code)
    assert ["Second?", "First?"] == [each["label"] for each in found["questions"]]
    assert [["13:00", "17:00"]] == found["weekly_hours"]["fri"]
    assert [] == found["weekly_hours"]["sat"]  # a row in which nothing was typed is no range


async def test_a_type_that_another_tab_changed_is_shown_with_both_and_saved_again(
    desk: Desk, anna: Organizer
) -> None:
    kind = await anna.meeting_type(title="Before")
    path = f"{TYPES}/{kind['id']}"
    form = await desk.open(path)
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"title": "In the other tab"})
    refused = await desk.send(form, path, {"title": "In this tab"}, do="save")
    between = (await read(anna, kind))["title"]
    saved = await desk.send(refused, path, do="save")

    assert (412, 200) == (refused.status_code, saved.status_code)
    assert all(each in refused.text for each in ("In the other tab", "In this tab"))
    assert ("In the other tab", "In this tab") == (between, (await read(anna, kind))["title"])


async def test_a_new_type_is_made_once_however_often_its_form_is_sent(
    desk: Desk, anna: Organizer
) -> None:
    form = await desk.open(f"{TYPES}/new")
    typed = {"title": "Brand new", "place-0-text": "Room 4"}
    first = await desk.send(form, "/new", typed, do="save")
    await desk.send(form, "/new", typed, do="save")

    types = (await anna.body_of("GET", "/meeting-types"))["items"]
    assert (200, ["Brand new"]) == (first.status_code, [each["title"] for each in types])
    assert "brand-new" == types[0]["slug"]


async def test_a_new_type_is_proposed_with_the_hours_of_the_newest(
    desk: Desk, anna: Organizer
) -> None:
    regular = form_to(await desk.open(f"{TYPES}/new"), f"{TYPES}/new").fields
    await anna.meeting_type(hours="custom", weekly_hours={"tue": [["10:00", "15:00"]]})

    own = form_to(await desk.open(f"{TYPES}/new?visibility=private"), f"{TYPES}/new").fields

    assert "calendar" == regular["hours"]
    assert ("custom", "10:00", "15:00") == (own["hours"], own["tue-0-from"], own["tue-0-to"])
    assert "mon-0-from" not in own
    assert ("", "private") == (own["title"], own["visibility"])


async def test_hours_that_go_on_after_midnight_say_so(desk: Desk, anna: Organizer) -> None:
    kind = await anna.meeting_type(hours="custom", weekly_hours={"tue": [["10:00", "08:00"]]})

    shown = await desk.open(f"{TYPES}/{kind['id']}")

    assert 1 == shown.text.count("Until <bdi>08:00</bdi> the next day.")


@pytest.mark.parametrize(
    ("typed", "field", "saved"),
    [
        ({"hours": "custom", "wed-0-from": "10:00", "wed-0-to": "08:00"}, "wed-0-from", "08:00"),
        ({"date-0-day": "2031-03-04", "date-0-hours": "22-2"}, "date", "02:00"),
    ],
)
async def test_hours_that_end_before_they_begin_are_asked_about_once(
    desk: Desk, anna: Organizer, typed: dict[str, str], field: str, saved: str
) -> None:
    kind = await anna.meeting_type(hours="custom", weekly_hours={"tue": [["22:00", "02:00"]]})
    place, stood = f"{TYPES}/{kind['id']}", await read(anna, kind)
    asked = await desk.send(await desk.open(place), place, typed, do="save")
    before = await read(anna, kind)
    taken = await desk.send(asked, place, do="save")
    after = await read(anna, kind)
    unchanged = await desk.send(await desk.open(place), place, {"title": "Same"}, do="save")

    assert 422 == asked.status_code
    told = re.findall(r'<a href="(#[^"]+)"><span>This ends before it begins', asked.text)
    assert [f"#{field}"] == told
    assert stood == before
    assert "The meeting type is saved." in taken.text
    assert saved in str([after["weekly_hours"]["wed"], after["date_overrides"]])
    # What is saved already was told when the form was opened.
    assert "The meeting type is saved." in unchanged.text


async def test_a_taken_address_is_named_at_its_field(desk: Desk, anna: Organizer) -> None:
    kind = await anna.meeting_type()
    typed = {"title": "Another", "slug": kind["slug"], "place-0-text": "Room 4"}
    refused = await desk.send(await desk.open(f"{TYPES}/new"), "/new", typed, do="save")

    assert 422 == refused.status_code
    assert 'href="#slug"' in refused.text
    assert "Another of your meeting types has this address" in refused.text


async def test_a_type_is_duplicated_switched_off_and_on_again(desk: Desk, anna: Organizer) -> None:
    kind = await anna.meeting_type(title="Original")
    cards = await desk.open(TYPES)
    copied = await desk.send(cards, "/duplicate")
    await desk.send(cards, "/duplicate")  # a second press
    off = await desk.send(cards, f"{kind['id']}/disable")
    during = (await read(anna, kind))["enabled"]
    on = await desk.send(off, f"{kind['id']}/enable")

    types = (await anna.body_of("GET", "/meeting-types"))["items"]
    assert ["Original", "Original (copy)"] == [each["title"] for each in types]
    assert "The copy is created" in copied.text
    assert (False, True) == (during, (await read(anna, kind))["enabled"])
    assert "It is offered again" in on.text


async def test_deleting_a_type_says_what_ends_and_asks_first(desk: Desk, anna: Organizer) -> None:
    kind = await anna.meeting_type(visibility="private")
    await anna.link(kind)
    await anna.link(kind)
    asked = await desk.open(f"{TYPES}/{kind['id']}/delete")
    before = (await anna.call("GET", f"/meeting-types/{kind['id']}")).status_code
    gone = await desk.send(asked, "/delete")

    assert "private links stop working" in asked.text
    assert ("Bookings that are made stay" in asked.text, 200) == (True, before)
    assert "The meeting type is deleted" in gone.text
    assert 404 == (await anna.call("GET", f"/meeting-types/{kind['id']}")).status_code


async def test_a_public_type_is_shared_as_address_code_and_signature(
    desk: Desk, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    private = await anna.meeting_type(visibility="private")
    shared = await desk.open(f"{TYPES}/{kind['id']}/share")
    code = await desk.open(f"{TYPES}/{kind['id']}/qr.svg")
    none = await desk.open(f"{TYPES}/{private['id']}/share")

    assert f'<a href="{kind["url"]}">Book a meeting with me</a>' in shared.text
    assert ("image/svg+xml", True) == (code.headers["content-type"], "<svg" in code.text)
    assert 404 == none.status_code


async def test_the_preview_shows_the_type_as_attendees_see_it(desk: Desk, anna: Organizer) -> None:
    kind = await anna.meeting_type(title="Seen from outside", visibility="private")
    seen = await desk.open(f"{TYPES}/{kind['id']}/preview")

    assert 200 == seen.status_code
    assert "Seen from outside" in seen.text
    assert "Choosing a time here books nothing" in seen.text or "no times" in seen.text


async def test_what_was_typed_stays_when_the_session_ends_meanwhile(anna: Organizer) -> None:
    kind = await anna.meeting_type()
    path = f"{TYPES}/{kind['id']}"
    async with signed_in(anna) as client, browsing(anna.service) as out, signed_in(anna) as back:
        form = form_to(await Desk(client).open(path), path)
        typed = {**form.fields, "title": "Typed before", "do": "save"}
        # Signed in anew since the form was made: the form is shown with what was typed.
        sent = await back.post(path, data=typed, follow_redirects=False)
        keep_as_browsers_do(back, sent)
        again = await Desk(back).open(sent.headers["location"])
        nobody = await out.post(path, data=typed)

    assert "Typed before" == form_to(again, path).fields["title"]
    assert 403 == nobody.status_code
    assert "Your session has ended" == heading(nobody)
    assert "Typed before" in nobody.text
    assert kind["title"] == (await read(anna, kind))["title"]


def keep_as_browsers_do(client: httpx.AsyncClient, answer: httpx.Response) -> None:
    """Keep the cookies that are for https: browsers send them to 127.0.0.1 without it as well."""
    for each in answer.headers.get_list("set-cookie"):
        name, _, value = each.partition(";")[0].partition("=")
        client.cookies.set(name, value)

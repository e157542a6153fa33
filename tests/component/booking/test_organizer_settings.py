"""The settings of the organizer's page, and the download of all own data."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import browsing, signed_in
from tests.component.booking.form_reading import form_to
from tests.component.booking.organizer_desk import Desk

PAGE = "/organizer/page"


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Desk]:
    """Anna in front of her own pages."""
    async with signed_in(anna) as client:
        yield Desk(client)


async def test_zone_language_and_lock_are_saved_and_the_types_follow(
    desk: Desk, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    typed = {"time_zone": "Asia/Tokyo", "locale": "en", "locked": "yes"}
    saved = await desk.send(await desk.open(PAGE), PAGE, typed)

    page = await anna.body_of("GET", "/page")
    assert "Your page is saved" in saved.text
    assert ("Asia/Tokyo", "en", True) == (
        page["time_zone"],
        page["locale"],
        page["time_zone_locked"],
    )
    seen = await anna.body_of("GET", f"/meeting-types/{kind['id']}")
    assert "Asia/Tokyo" == seen["organizer_time_zone"]


@pytest.mark.parametrize(
    ("form", "field", "typed"),
    [
        (PAGE, "time_zone", "Europe/Atlantis"),
        ("/address", "handle", "Not An Address"),
        ("/address", "handle", "admin"),
        ("/online-meeting", "url_template", "ftp://meet.example.org"),
    ],
)
async def test_a_bad_setting_is_named_at_its_field_and_changes_nothing(
    desk: Desk, anna: Organizer, form: str, field: str, typed: str
) -> None:
    before = await anna.body_of("GET", "/page")
    refused = await desk.send(await desk.open(PAGE), form, {field: typed})

    assert 422 == refused.status_code
    assert f'href="#{field}"' in refused.text
    assert form_to(refused, form).fields[field] == typed
    assert before == await anna.body_of("GET", "/page")


HOURS = f"{PAGE}/hours"
CLOSED = {
    f"{day}-0-{end}": "" for day in ("mon", "tue", "wed", "thu", "fri") for end in ("from", "to")
}


async def test_regular_hours_are_set_for_all_types_with_rows_that_are_added(
    desk: Desk, anna: Organizer
) -> None:
    shown = await desk.open(HOURS)
    more = await desk.send(shown, HOURS, {"mon-0-to": "11:30"}, do="add:sat")
    saved = await desk.send(more, HOURS, {"sat-0-from": "22:00", "sat-0-to": "02:00"}, do="save")

    hours = (await anna.body_of("GET", "/page/regular-hours"))["weekly_hours"]
    assert "Your regular hours are saved" in saved.text
    assert ">22:00</span>-" in saved.text
    assert ([["09:00", "11:30"]], [["22:00", "02:00"]], []) == (
        hours["mon"],
        hours["sat"],
        hours["sun"],
    )


async def test_regular_hours_of_no_day_are_named_and_change_nothing(
    desk: Desk, anna: Organizer
) -> None:
    before = await anna.body_of("GET", "/page/regular-hours")
    refused = await desk.send(await desk.open(HOURS), HOURS, CLOSED, do="save")

    assert 422 == refused.status_code
    assert "At least one day needs hours" in refused.text
    assert before == await anna.body_of("GET", "/page/regular-hours")


async def test_regular_hours_that_were_saved_meanwhile_are_not_overwritten_unseen(
    desk: Desk, anna: Organizer
) -> None:
    mine = await desk.open(HOURS)
    theirs = {"weekly_hours": {"tue": [["08:00", "12:00"]]}}
    await anna.body_of("PUT", "/page/regular-hours", theirs)
    told = await desk.send(mine, HOURS, {"mon-0-to": "11:30"}, do="save")
    again = await desk.send(told, HOURS, do="save")

    hours = (await anna.body_of("GET", "/page/regular-hours"))["weekly_hours"]
    assert (412, 200) == (told.status_code, again.status_code)
    assert [["09:00", "11:30"]] == hours["mon"]


@pytest.mark.parametrize(("forward", "status"), [("30", 200), ("0", 404)])
async def test_the_old_address_leads_to_the_new_one_or_is_dead(
    service: BookingService, desk: Desk, anna: Organizer, forward: str, status: int
) -> None:
    typed = {"handle": f"{anna.identity}-new", "forward": forward}
    changed = await desk.send(await desk.open(PAGE), "/address", typed)
    async with browsing(service) as visitor:
        old = await visitor.get(f"/with/{anna.identity}")
        new = await visitor.get(f"/with/{anna.identity}-new")

    assert "Your page has its new address" in changed.text
    assert (status, 200) == (old.status_code, new.status_code)


async def test_the_address_is_renewed_after_a_question(desk: Desk, anna: Organizer) -> None:
    asked = await desk.open(f"{PAGE}/renew")
    before = (await anna.body_of("GET", "/page"))["handle"]
    renewed = await desk.send(asked, "/renew")

    after = (await anna.body_of("GET", "/page"))["handle"]
    assert before == anna.identity
    assert after.startswith(f"{anna.identity}-")
    assert "nobody can guess" in renewed.text


async def test_an_online_meeting_is_added_to_everything_by_one_switch(
    desk: Desk, anna: Organizer
) -> None:
    template = "https://meet.example.org/{booking_id}"
    typed = {"online": "yes", "provider": "jitsi", "url_template": template}
    saved = await desk.send(await desk.open(PAGE), "/online-meeting", typed)
    on = await anna.body_of("GET", "/page/online-meeting")
    form = form_to(saved, "/online-meeting")
    del form.fields["online"]  # the box is not ticked
    await desk.http.post(form.action, data=form.fields)
    off = await anna.body_of("GET", "/page/online-meeting")

    assert {"provider": "jitsi", "enabled": True, "url_template": template} == on
    assert {"provider": "jitsi", "enabled": False, "url_template": template} == off


async def test_settings_that_another_tab_changed_are_shown_with_both(
    desk: Desk, anna: Organizer
) -> None:
    form = await desk.open(PAGE)
    await desk.send(form, PAGE, {"time_zone": "Asia/Tokyo"})
    late = await desk.send(form, PAGE, {"time_zone": "Europe/Paris"})
    between = (await anna.body_of("GET", "/page"))["time_zone"]
    saved = await desk.send(late, PAGE)

    assert (412, 200, "Asia/Tokyo") == (late.status_code, saved.status_code, between)
    assert all(each in late.text for each in ("Asia/Tokyo", "Europe/Paris"))
    assert "Europe/Paris" == (await anna.body_of("GET", "/page"))["time_zone"]


async def test_all_own_data_is_one_document_and_nobody_elses(
    service: BookingService, desk: Desk, anna: Organizer
) -> None:
    kind, private = await anna.meeting_type(), await anna.meeting_type(visibility="private")
    link = await anna.link(private)
    booked = await service.booked(kind, day(3))
    bo = await service.organizer()
    await bo.meeting_type(title="Bo's own")
    answer = await desk.open(f"{PAGE}/export.json")

    document = json.loads(answer.text)
    assert "attachment" in answer.headers["content-disposition"]
    assert anna.identity == document["page"]["handle"]
    assert {kind["id"], private["id"]} == {each["id"] for each in document["meeting_types"]}
    assert [link["id"]] == [each["id"] for each in document["links"]]
    [exported] = document["bookings"]
    assert (booked["id"], "Vera Visitor") == (exported["id"], exported["attendee"]["name"])
    assert booked["manage_token"] not in answer.text
    assert "Bo's own" not in answer.text

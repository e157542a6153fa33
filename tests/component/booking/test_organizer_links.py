"""The organizer's private links: made by one press or for a person, in words, changed, revoked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.component.booking.booking_service import BookingService, Organizer, day, from_now
from tests.component.booking.browsing import heading, signed_in
from tests.component.booking.form_reading import form_to, forms_of
from tests.component.booking.organizer_desk import Desk

LINKS, TYPES = "/organizer/links", "/organizer/types"


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Desk]:
    """Anna in front of her own pages."""
    async with signed_in(anna) as client:
        yield Desk(client)


@pytest.fixture
async def private(anna: Organizer) -> dict[str, Any]:
    """A meeting type of Anna's that only links open."""
    return await anna.meeting_type(visibility="private")


async def links(anna: Organizer, kind: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the type's links as the API has them."""
    found: list[dict[str, Any]] = (await anna.body_of("GET", f"/meeting-types/{kind['id']}/links"))[
        "items"
    ]
    return found


async def test_one_press_makes_one_link_for_one_booking(
    desk: Desk, anna: Organizer, private: dict[str, Any]
) -> None:
    for page in (LINKS, TYPES, f"{TYPES}/{private['id']}/links"):
        shown = await desk.open(page)
        made = await desk.send(shown, "/links")
        await desk.send(shown, "/links")  # a second press makes no second one
        newest = (await links(anna, private))[-1]

        assert (1, "active") == (newest["max_uses"], newest["state"])
        assert f"{LINKS}/{newest['id']}" == made.url.path
        assert newest["url"] in made.text
        assert "Expires in 89 days" in made.text or "Expires in 90 days" in made.text
        assert "For one booking" in made.text
    assert 3 == len(await links(anna, private))


async def test_a_link_for_a_person_has_their_address_its_beginning_and_its_end(
    desk: Desk, anna: Organizer, private: dict[str, Any]
) -> None:
    ends = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%dT12:00")
    opens = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT12:00")
    typed = {
        "label": "For the board",
        "name": "Vera",
        "email": "vera@visitors.example",
        "uses": "3",
        "opens": opens,
        "ends": ends,
    }
    shown = await desk.open(f"{TYPES}/{private['id']}/links")
    form = next(each for each in forms_of(shown) if "label" in each.fields)
    made = await desk.http.post(form.action, data={**form.fields, **typed})

    [link] = await links(anna, private)
    assert ("For the board", 3) == (link["label"], link["max_uses"])
    assert [("Vera", "vera@visitors.example")] == [
        (each["name"], each["email"]) for each in link["addressees"]
    ]
    # Noon in Copenhagen, where Anna is.
    for name, local in (("not_before", opens), ("expires_at", ends)):
        utc = datetime.fromisoformat(link[name])
        assert utc.strftime("%Y-%m-%d") == local[:10]
        assert utc.hour in (10, 11)
    assert "Works from" in made.text
    assert "0 of 3 bookings made" in made.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [("email", "vera at home"), ("uses", "0"), ("ends", "2001-01-01T10:00"), ("ends", "soon")],
)
async def test_a_bad_value_of_a_link_is_named_at_its_field_and_the_rest_stays(
    desk: Desk, anna: Organizer, private: dict[str, Any], field: str, typed: str
) -> None:
    shown = await desk.open(f"{TYPES}/{private['id']}/links")
    form = next(each for each in forms_of(shown) if "label" in each.fields)
    sent = {**form.fields, "label": "Stays typed", field: typed}
    refused = await desk.http.post(form.action, data=sent)

    assert 422 == refused.status_code
    assert f'href="#{field}"' in refused.text
    assert 'value="Stays typed"' in refused.text
    assert f'value="{typed}"' in refused.text
    assert [] == await links(anna, private)


async def test_a_used_link_says_who_used_it_and_when(
    service: BookingService, desk: Desk, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    await service.booked(private, day(3), token=link["token"])
    listed = await desk.open(f"{TYPES}/{private['id']}/links")
    own = await desk.open(f"{LINKS}/{link['id']}")

    for page in (listed, own):
        assert "Used by Vera Visitor on" in page.text
    assert "Nobody can book with it any more" in own.text
    assert link["url"] not in own.text


async def test_label_and_end_of_a_link_are_changed_and_another_tab_is_noticed(
    desk: Desk, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    path = f"{LINKS}/{link['id']}"
    form = await desk.open(path)
    saved = await desk.send(form, path, {"label": "First"})
    late = await desk.send(form, path, {"label": "Second"})
    between = (await anna.read_link(link))["label"]
    again = await desk.send(late, path)

    assert ([200, 412, 200], "First") == (
        [saved.status_code, late.status_code, again.status_code],
        between,
    )
    assert "Second" == (await anna.read_link(link))["label"]
    assert all(each in late.text for each in ("First", "Second"))


async def test_a_link_is_revoked_after_a_question_and_says_so(
    desk: Desk, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    asked = await desk.open(f"{LINKS}/{link['id']}/revoke")
    before = (await anna.read_link(link))["state"]
    revoked = await desk.send(asked, "/revoke")
    late = await desk.http.post(
        f"{LINKS}/{link['id']}",
        data={"form": form_to(asked, "/revoke").fields["form"], "label": "Too late"},
    )

    assert ("active", "revoked") == (before, (await anna.read_link(link))["state"])
    assert "The link is revoked" in revoked.text
    assert (200, True) == (late.status_code, "Revoked" in late.text)


async def test_a_public_type_has_no_private_links_and_says_why(desk: Desk, anna: Organizer) -> None:
    kind = await anna.meeting_type()
    shown = await desk.open(f"{TYPES}/{kind['id']}/links")
    key = form_to(await desk.open(LINKS), "/sign-out").fields["form"]
    refused = await desk.http.post(f"{TYPES}/{kind['id']}/links", data={"form": key})

    assert "needs no private link" in shown.text
    assert refused.status_code in (200, 403)  # the key is another form's
    assert [] == await links(anna, kind)


async def test_the_links_of_many_are_shown_a_page_at_a_time_newest_first(
    desk: Desk, anna: Organizer, private: dict[str, Any]
) -> None:
    for number in range(27):
        await anna.link(private, label=f"Number {number:02}")
    first = await desk.open(f"{TYPES}/{private['id']}/links")
    older = first.text.partition("?before=")[2].partition('"')[0]
    second = await desk.open(f"{TYPES}/{private['id']}/links?before={older}")

    assert first.text.index("Number 26") < first.text.index("Number 02")
    assert "Number 01" not in first.text
    assert all(f"Number {number:02}" in second.text for number in (0, 1))
    assert "Older links" not in second.text


async def test_a_link_that_ends_within_hours_says_in_how_many(
    desk: Desk, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, expires_at=from_now(hours=5, minutes=10))
    shown = await desk.open(f"{LINKS}/{link['id']}")

    assert "Expires in 5 hours" in shown.text
    assert "Private link" == heading(shown)

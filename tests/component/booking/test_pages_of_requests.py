"""The attendee's pages of bookings that wait for an answer or for a proven address."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.capabilities import VERIFY
from services.chassis.identity.capability_tokens import KeyRing
from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import WHO, Visitor, browsing, heading, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import KEYS


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    """Somebody in front of booking."""
    async with browsing(service) as client:
        yield Visitor(client)


async def held(
    visitor: Visitor, kind: dict[str, Any], free_times: FreeTimesServer
) -> httpx.Response:
    """Return the form of a time that the visitor holds."""
    offer(free_times, day(3))
    shown = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
    return await visitor.choose(kind["url"], day(3), on=shown)


async def test_the_form_says_that_the_organizer_approves_and_the_page_until_when_it_waits(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(approval_required=True, approval_deadline_minutes=1440)
    form = await held(visitor, kind, free_times)

    asked = await visitor.submit(form, "/confirm", **WHO)
    looked = await visitor.open(asked.url.path)

    assert "has to approve the meeting" in form.text
    assert "Ask for the meeting" in form.text
    assert "Your request is sent" == heading(asked)
    assert "has not answered yet. The time is held for you until" in looked.text
    assert "Withdraw the request" in looked.text


async def test_a_request_is_withdrawn_on_its_page_and_a_declined_one_says_so(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(approval_required=True)
    asked = await visitor.submit(await held(visitor, kind, free_times), "/confirm", **WHO)
    path = asked.url.path

    sure = await visitor.open(f"{path}/cancel")
    withdrawn = await visitor.submit(sure, "/cancel", reason="")
    second = await visitor.submit(await held(visitor, kind, free_times), "/confirm", **WHO)
    await anna.body_of("POST", f"/bookings/{second.url.path.rpartition('/')[2]}/decline")
    declined = await visitor.open(second.url.path)

    assert "Your request is withdrawn" == heading(withdrawn)
    assert "Your request is declined" == heading(declined)
    assert "Book again" in declined.text


async def test_the_page_of_an_unproven_address_says_where_the_mail_is_and_its_link_is_followed(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(verification_required=True)
    form = await held(visitor, kind, free_times)
    asked = await visitor.submit(form, "/confirm", **WHO)
    id_ = UUID(asked.url.path.rpartition("/")[2])
    link = f"/v/{KeyRing.parse(KEYS).issue(VERIFY, id_)}"

    shown = await visitor.open(link)
    before = await anna.events()
    proven = await visitor.submit(shown, link)
    again = await visitor.open(link)
    forged = await visitor.open("/v/bwv_" + "A" * 68)

    assert "a mail with a link" in form.text
    assert "Please confirm your address" == heading(asked)
    assert WHO["email"] in asked.text
    assert "Is this your address?" == heading(shown)
    assert "AddressVerified" not in before  # looking changes nothing
    assert ("Your meeting", id_) == (heading(proven), UUID(proven.url.path.rpartition("/")[2]))
    assert "This address is confirmed" == heading(again)
    assert 404 == forged.status_code


async def test_who_proves_an_address_too_late_is_told_that_the_time_is_gone(
    service: BookingService, anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type(verification_required=True)
    lost = await service.held(kind, day(3), attendee=vera())
    await service.booked(await anna.meeting_type(), day(3))
    link = f"/v/{KeyRing.parse(KEYS).issue(VERIFY, UUID(lost['id']))}"

    refused = await visitor.submit(await visitor.open(link), link)

    assert (409, "This time is not to be had any more") == (refused.status_code, heading(refused))


async def test_the_page_says_that_another_time_is_asked_for_and_that_a_move_waits(
    service: BookingService, anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type(approval_required=True)
    asked = await service.held(kind, day(3), attendee=vera())
    await anna.body_of("POST", f"/bookings/{asked['id']}/approve")
    await service.manage(asked, "reschedule", {"start": day(4)})

    waiting = await visitor.open(asked["manage_url"])
    await anna.body_of("POST", f"/bookings/{asked['id']}/decline")
    declined = await visitor.open(f"{waiting.url.path}?moving={day(4)}")
    await anna.body_of("POST", f"/bookings/{asked['id']}/ask-to-reschedule")
    wanted = await visitor.open(asked["manage_url"])

    assert "The meeting stays where it is until" in waiting.text
    assert "refresh" not in {name.lower() for name in waiting.headers}
    assert "has declined the new time" in declined.text
    assert "asks you to choose another time" in wanted.text


async def test_who_has_booked_as_often_as_they_may_reads_why(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(max_active_per_attendee=1, max_per_day=1)
    await service.booked(kind, day(5))
    form = await held(visitor, kind, free_times)

    refused = await visitor.submit(form, "/confirm", **WHO)
    await service.held(kind, day(6), attendee=vera(email="viggo@visitors.example"))
    shown = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
    full = await visitor.choose(kind["url"], day(6, 12), on=shown)

    assert 409 == refused.status_code
    assert "as many bookings to come" in refused.text
    assert 409 == full.status_code
    assert "no more meetings of this kind on that day" in full.text

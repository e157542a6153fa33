"""Which pages may stand in a frame of which other site, and that they need no cookie there."""

import re
from collections.abc import AsyncIterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.capabilities import HELD_DATA, VERIFY
from services.booking.web.attendee.embed import ADDRESS
from services.chassis.identity.capability_tokens import KeyRing
from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import WHO, Visitor, browsing, heading, offer, signed_in
from tests.component.booking.conftest import FreeTimesServer
from tests.component.booking.form_reading import form_to
from tests.component.running import KEYS, PUBLIC_URL

SITES = ["https://www.example.com", "http://localhost:8000"]
LISTED, NOBODY = " ".join(SITES), "'none'"
ORIGINS = pytest.mark.parametrize(
    ("origins", "wanted"), [(SITES, LISTED), ([], NOBODY)], ids=["with origins", "without"]
)


def framing(page: httpx.Response) -> str:
    """Return who may show the page in a frame; its two headers say the same."""
    policy = dict(
        each.split(" ", 1) for each in page.headers["content-security-policy"].split("; ")
    )
    ancestors = policy["frame-ancestors"]
    assert ("DENY" if ancestors == NOBODY else None) == page.headers.get("x-frame-options")
    assert "'self'" == policy["form-action"]
    assert "Sec-Fetch-Dest" in page.headers["vary"]
    return ancestors


@pytest.fixture
async def framed(service: BookingService) -> AsyncIterator[Visitor]:
    """Somebody whose browser shows booking in a frame and keeps no cookie for it."""
    async with in_a_frame(service) as client:
        yield Visitor(client)


def in_a_frame(service: BookingService) -> httpx.AsyncClient:
    client = browsing(service)
    client.headers["Sec-Fetch-Dest"] = "iframe"
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


@ORIGINS
async def test_every_page_of_the_way_through_is_for_the_frames_of_the_types_origins(
    origins: list[str],
    wanted: str,
    service: BookingService,
    anna: Organizer,
    framed: Visitor,
    free_times: FreeTimesServer,
) -> None:
    kind = await anna.meeting_type(frame_origins=origins)
    offer(free_times, day(3), day(3, 12), day(4))
    at = f"{kind['url']}?day={day(3)[:10]}"
    pages = {"pick": await framed.open(at), "zones": await framed.open(f"{at}&zones=all")}
    pages["another language"] = await framed.open(f"{at}&lang=da")
    await service.booked(kind, day(4))
    pages["lost"] = await framed.open(f"{at}&start={day(4, 11)}")
    pages["taken"] = await framed.choose(kind["url"], day(4), on=pages["pick"])
    pages["hold"] = await framed.choose(kind["url"], day(3), on=pages["pick"])
    pages["faults"] = await framed.submit(pages["hold"], "/confirm", name="", email="x")
    pages["extended"] = await framed.submit(pages["hold"], "/confirm", extend="yes", **WHO)
    pages["stale"] = await framed.submit(pages["hold"], "/confirm", form="of another booking")
    pages["released"] = await framed.submit(pages["hold"], "/release")
    pages["over"] = await framed.open(str(pages["hold"].url))
    pages["again"] = await framed.choose(kind["url"], day(3, 12), on=pages["released"])
    pages["booked"] = await framed.submit(pages["again"], "/confirm", **WHO)

    assert dict.fromkeys(pages, wanted) == {name: framing(page) for name, page in pages.items()}
    assert "You are booked" == heading(pages["booked"])
    assert 403 == pages["stale"].status_code
    for name, page in pages.items():
        assert (bool(origins)) == ('class="framed"' in page.text), name
        assert "set-cookie" not in page.headers, name
        assert not [each for each in page.history if "set-cookie" in each.headers], name


@ORIGINS
async def test_asking_for_a_meeting_is_for_the_frames_of_the_types_origins(
    origins: list[str],
    wanted: str,
    anna: Organizer,
    framed: Visitor,
    free_times: FreeTimesServer,
) -> None:
    offer(free_times, day(3), day(4))
    for settings in ({"approval_required": True}, {"verification_required": True}):
        kind = await anna.meeting_type(frame_origins=origins, **settings)
        asked = await booked_in(framed, kind, day(3) if "approval_required" in settings else day(4))
        looked = await framed.open(str(asked.url.copy_remove_param("said")))

        assert (wanted, NOBODY) == (framing(asked), framing(looked))
        assert "/cancel" not in asked.text
        assert 'target="_blank">Move or cancel it' in asked.text


async def booked_in(visitor: Visitor, kind: dict[str, Any], start: str) -> httpx.Response:
    shown = await visitor.open(f"{kind['url']}?day={start[:10]}")
    hold = await visitor.choose(kind["url"], start, on=shown)
    return await visitor.submit(hold, "/confirm", **WHO)


async def test_no_other_page_may_stand_in_a_frame_whatever_its_type_lists(
    service: BookingService, anna: Organizer, framed: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3), day(4))
    booked = await booked_in(framed, kind, day(3))
    manage = str(booked.url.copy_remove_param("said"))
    path, query = booked.url.path, booked.url.copy_remove_param("said").query.decode()
    token = KeyRing.parse(KEYS).issue(VERIFY, UUID(path.rpartition("/")[2]))
    held_data = KeyRing.parse(KEYS).issue(HELD_DATA, UUID(path.rpartition("/")[2]))
    pages = {
        "manage": await framed.open(manage),
        "moved": await framed.open(f"{manage}&said=moved"),
        "move": await framed.open(f"{path}/move?{query}"),
        "zones of a move": await framed.open(f"{path}/move?{query}&zones=all"),
        "sure to move": await framed.open(f"{path}/move?{query}&start={day(4)}"),
        "cancel": await framed.open(f"{path}/cancel?{query}"),
        "verify": await framed.open(f"/v/{token}"),
        "me": await framed.open("/me"),
        "what is held": await framed.open(f"/me/{held_data}"),
        "home": await framed.open("/"),
        "page": await framed.open(f"/with/{anna.profile['handle']}"),
        "no such type": await framed.open(f"{kind['url']}-x"),
        "no such page": await framed.open("/with/nobody/nothing"),
        "no such booking": await framed.open("/m/booking/0"),
        "forged": await framed.open("/m/bwm_x?frame=yes"),
    }
    pages["cancelled"] = await framed.submit(pages["cancel"], "/cancel", reason="")
    pages["cancelled, by its old address"] = await framed.open(str(booked.url))

    assert LISTED == framing(booked)
    assert dict.fromkeys(pages, NOBODY) == {name: framing(page) for name, page in pages.items()}
    assert "This meeting is cancelled" == heading(pages["cancelled, by its old address"])


async def test_the_organizers_pages_and_the_sign_in_may_stand_in_no_frame(
    anna: Organizer,
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    types = f"/organizer/types/{kind['id']}"
    async with signed_in(anna) as organizer:
        organizer.headers["Sec-Fetch-Dest"] = "iframe"
        for address in ("", "/bookings", "/types", "/page", f"{types}"[10:], f"{types}/share"[10:]):
            page = await organizer.get(f"/organizer{address}")

            assert (200, NOBODY) == (page.status_code, framing(page)), address
            assert 'class="framed"' not in page.text
    async with signed_in(anna, "operator") as other:
        refused = await other.get("/organizer")

        assert (403, NOBODY) == (refused.status_code, framing(refused))


async def test_what_a_private_link_opens_may_stand_in_no_frame(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    """Its visitors were sent the link: none of them comes from the page of a site."""
    kind = await anna.meeting_type(visibility="private", frame_origins=SITES)
    link = await anna.link(kind)
    offer(free_times, day(3))
    async with browsing(service) as client:  # one that keeps cookies, in a part of our own site
        client.headers["Sec-Fetch-Dest"] = "iframe"
        visitor = Visitor(client)
        shown = await visitor.open(f"{link['url']}?day={day(3)[:10]}")
        shown = await visitor.open(f"{shown.url.path}?day={day(3)[:10]}")
        hold = await visitor.choose(link["url"], day(3), on=shown)
        booked = await visitor.submit(hold, "/confirm", **WHO)

    assert "You are booked" == heading(booked)
    assert [NOBODY] * 3 == [framing(each) for each in (shown, hold, booked)]


async def test_a_booking_of_a_type_that_has_become_private_leaves_the_frame(
    service: BookingService, anna: Organizer, framed: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3))
    shown = await framed.open(f"{kind['url']}?day={day(3)[:10]}")
    hold = await framed.choose(kind["url"], day(3), on=shown)
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"visibility": "private"})

    assert (LISTED, NOBODY) == (framing(hold), framing(await framed.open(str(hold.url))))


async def test_origins_that_are_taken_away_are_gone_from_the_next_page(
    anna: Organizer, framed: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3))
    shown = await framed.open(f"{kind['url']}?day={day(3)[:10]}")
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"frame_origins": SITES[:1]})
    hold = await framed.choose(kind["url"], day(3), on=shown)
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"frame_origins": []})
    booked = await framed.submit(hold, "/confirm", **WHO)

    assert [LISTED, SITES[0], NOBODY] == [framing(each) for each in (shown, hold, booked)]


async def test_the_address_says_that_a_page_is_framed_where_the_browser_does_not(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3))
    async with browsing(service) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        visitor = Visitor(client)
        shown = await visitor.open(f"{kind['url']}?frame=yes&day={day(3)[:10]}")
        zones = await visitor.open(f"{kind['url']}?frame=yes&zones=all")
        booked = await booked_in(visitor, {**kind, "url": f"{kind['url']}?frame=yes&x="}, day(3))
        client.headers["Sec-Fetch-Dest"] = "document"
        whole = await visitor.open(f"{kind['url']}?frame=yes")

    for page in (shown, zones, booked):
        assert 'class="framed"' in page.text
        assert "Made with" not in page.text
    assert 'class="framed"' not in whole.text
    assert "Made with" in whole.text
    assert LISTED == framing(whole)
    assert "frame=yes" not in whole.text
    assert 'name="frame" value="yes"' in zones.text


async def test_a_framed_page_leads_nowhere_that_no_frame_may_show(
    anna: Organizer, framed: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3))
    shown = await framed.open(f"{kind['url']}?day={day(3)[:10]}")
    hold = await framed.choose(kind["url"], day(3), on=shown)
    booked = await framed.submit(hold, "/confirm", **WHO)

    for page in (shown, hold, booked):
        for link in re.findall(r"<a [^>]*>", page.text):
            [href] = re.findall(r'href="([^"]*)"', link)
            place, own = href.partition("?")[0], page.url.path
            inside = place in (kind["url"].removeprefix(PUBLIC_URL), own, f"{own}/invite.ics")
            assert inside or 'target="_blank"' in link, link
            assert inside or "noopener" in link, link


async def test_what_was_typed_reaches_the_form_in_a_frame_without_a_cookie(
    service: BookingService, anna: Organizer, framed: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3), day(4))
    query = f"day={day(3)[:10]}&name=Vera&email={WHO['email']}"
    shown = await framed.open(f"{kind['url']}?{query}")
    await service.booked(kind, day(3))
    taken = await framed.choose(kind["url"], day(3), on=shown)
    hold = await framed.submit(taken, shown.url.path, start=day(4))
    form = form_to(hold, "/confirm")
    booked = await framed.http.post(form.action, data=form.fields)

    assert (409, LISTED) == (taken.status_code, framing(taken))
    assert LISTED == framing(hold)
    assert ("Vera", WHO["email"]) == (form.fields["name"], form.fields["email"])
    assert "You are booked" == heading(booked)


async def test_a_confirmation_that_waits_for_the_calendar_keeps_what_was_typed_without_a_cookie(
    no_waiting: BookingService,
    service: BookingService,
    anna: Organizer,
    free_times: FreeTimesServer,
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3))
    service.availability.silent.add(anna.id)
    async with in_a_frame(no_waiting) as client:
        waiting = await booked_in(Visitor(client), kind, day(3))

    fields = form_to(waiting, "/confirm").fields
    assert ("Vera Visitor", WHO["email"]) == (fields["name"], fields["email"])
    assert LISTED == framing(waiting)


async def test_who_has_used_a_budget_up_reads_so_in_the_frame(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3))
    few = service.another_process(
        budget_factor=1, budget_network="1/hour", trusted_proxies="127.0.0.0/8"
    )
    async with few as process, in_a_frame(process) as client:
        visitor = Visitor(client)
        client.headers["X-Forwarded-For"] = "203.0.113.201"
        shown = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
        hold = await visitor.choose(kind["url"], day(3), on=shown)
        refused = [
            await visitor.choose(kind["url"], day(3), on=shown),
            await visitor.submit(hold, "/confirm", **WHO),
        ]
        client.headers["Sec-Fetch-Dest"] = "document"
        alone = await visitor.choose(kind["url"], day(3), on=shown)

    assert [(429, LISTED)] * 2 == [(each.status_code, framing(each)) for each in refused]
    assert 'class="framed"' in refused[0].text
    assert (429, NOBODY) == (alone.status_code, framing(alone))


async def test_a_form_that_another_site_sends_is_refused_also_in_a_frame(
    anna: Organizer, framed: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    offer(free_times, day(3))
    shown = await framed.open(f"{kind['url']}?day={day(3)[:10]}")
    address, fields = framed.form(shown, kind["url"].removeprefix(PUBLIC_URL), start=day(3))
    foreign = [{"Sec-Fetch-Site": "cross-site"}, {"Origin": SITES[0]}, {"Origin": "null"}]

    for headers in foreign:
        refused = await framed.http.post(address, data=fields, headers=headers)

        assert 403 == refused.status_code
    assert "SlotReserved" not in await anna.events()


async def test_the_script_is_small_readable_and_for_every_site(framed: Visitor) -> None:
    script = await framed.open(ADDRESS)

    assert 200 == script.status_code
    assert "text/javascript; charset=utf-8" == script.headers["content-type"]
    assert "cross-origin" == script.headers["cross-origin-resource-policy"]
    assert "public, max-age=3600" == script.headers["cache-control"]
    assert "set-cookie" not in script.headers
    assert 3000 >= len(script.content)
    assert 100 >= max(map(len, script.text.splitlines()))


async def test_the_share_page_shows_both_snippets_and_for_whom_they_work(anna: Organizer) -> None:
    kind = await anna.meeting_type(title='Tea & "cake" <b>', frame_origins=SITES)
    bare = await anna.meeting_type()
    async with signed_in(anna) as organizer:
        shared = await organizer.get(f"/organizer/types/{kind['id']}/share")
        without = await organizer.get(f"/organizer/types/{bare['id']}/share")
        page = await organizer.get("/organizer/page/share")

    for site in SITES:
        assert site in shared.text
    title = "Tea &amp;amp; &amp;#34;cake&amp;#34; &amp;lt;b&amp;gt;"
    assert f"&lt;div data-bookwith&gt;&lt;a href=&#34;{kind['url']}&#34;&gt;" in shared.text
    assert f"src=&#34;{PUBLIC_URL}{ADDRESS}&#34; async" in shared.text
    assert f"&lt;iframe src=&#34;{kind['url']}?frame=yes&#34; title=&#34;" in shared.text
    assert 2 == shared.text.count(title)
    assert "No other site may show it yet" in without.text
    assert f'href="/organizer/types/{bare["id"]}#group-address"' in without.text
    assert "iframe" not in without.text
    assert "In a page of your own" not in page.text


async def test_the_editor_says_what_is_wrong_with_the_sites(anna: Organizer) -> None:
    kind = await anna.meeting_type()
    address = f"/organizer/types/{kind['id']}"
    async with signed_in(anna) as organizer:
        form = form_to(await organizer.get(address), address)
        wrong = {**form.fields, "do": "save", "origins": "https://*.example.com\nwww.b.example"}
        refused = await organizer.post(form.action, data=wrong)
        many = {**wrong, "origins": "\n".join(f"https://{n}.example" for n in range(21))}
        too_many = await organizer.post(form.action, data=many)

    assert [422, 422] == [refused.status_code, too_many.status_code]
    assert "Write each site as https:// and its name" in refused.text
    assert "https://*.example.com\nwww.b.example</textarea>" in refused.text
    assert 'id="group-address" data-group="address" open' in refused.text
    assert "List at most 20 sites." in too_many.text


async def test_a_hold_through_the_api_is_managed_in_no_frame(
    service: BookingService, anna: Organizer, framed: Visitor
) -> None:
    kind = await anna.meeting_type(frame_origins=SITES)
    booked = await service.held(kind, day(3), attendee=vera())

    opened = await framed.open(f"/m/booking/{booked['id']}?token={booked['manage_token']}")

    assert NOBODY == framing(opened)

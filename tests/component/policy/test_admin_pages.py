"""The administrators' pages: a change is seen before it is made, made, found again and undone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.component.booking.organizer_desk import Desk
from tests.component.policy.admin_desk import (
    ADMIN,
    WHY,
    apply,
    desk_of,
    plan,
    reset,
    typed_in,
    words_of,
)
from tests.component.policy.administration import Administration

ORGANIZATION, LICENCES = f"{ADMIN}/organization", f"{ADMIN}/licences"
SHARING, POLICY = f"{ADMIN}/sharing", f"{ADMIN}/sharing/policy"
DEFAULT = "?name=Default+Sharing+Policy"


@pytest.fixture
async def desk(administration: Administration) -> AsyncIterator[Desk]:
    """Ada in front of the administrators' pages; everything is as at first afterwards."""
    await reset(administration)
    async with desk_of(administration) as opened:
        yield opened
    await reset(administration)


async def test_a_change_for_everybody_is_shown_before_it_is_made_and_then_is_so(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    planned = await plan(desk, ORGANIZATION, ews_enabled="off")
    before = (await administration.call("GET", "/organization")).json()
    unconfirmed = await apply(desk, planned)
    made = await apply(desk, planned, confirm=True)
    after = (await administration.call("GET", "/organization")).json()
    await administration.applied()

    said = words_of(planned)
    assert "Pages (EwsEnabled): Empty → Off" in said
    assert "Nobody will have a page any more" in said
    assert WHY in said
    assert None is before["EwsEnabled"]
    assert 422 == unconfirmed.status_code
    assert "Tick this if the change is meant" in words_of(unconfirmed)
    assert "The change is made" in words_of(made)
    assert False is after["EwsEnabled"]
    assert "AccessWithdrawn" == (await administration.events(user.id))[-1]


async def test_who_loses_is_named_and_counted_and_led_to(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    planned = await plan(
        desk,
        f"{ADMIN}/users/{user.id}",
        ews_application_access_policy="EnforceBlockList",
        ews_block_list="Teams\n*personal*",
    )
    made = await apply(desk, planned)
    shown = await desk.open(f"{ADMIN}/users/{user.identity}")

    assert "Lose their page 1" in words_of(planned)
    assert f'href="/admin/users/{user.id}"' in planned.text
    assert "+ Teams + *personal*" in words_of(planned)
    assert 200 == made.status_code
    assert "EwsBlockList has *personal*, which means MicrosoftOWSPersonalBookings" in words_of(
        shown
    )
    assert "No page now" in words_of(shown)
    assert "Teams\n*personal*" == typed_in(shown, str(user.id))["ews_block_list"]


async def test_a_trace_is_told_as_of_a_moment_too(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known(True)
    [row] = await administration.service.rows("SELECT clock_timestamp() AS now")
    then = row["now"].astimezone(UTC).isoformat().removesuffix("+00:00")
    await apply(desk, await plan(desk, f"{ADMIN}/users/{user.id}", ews_enabled="off"))
    now = await desk.open(f"{ADMIN}/users/{user.id}")
    before = await desk.open(f"{ADMIN}/users/{user.id}?as_of={then}&tz=UTC")
    elsewhere = await desk.open(f"{ADMIN}/users/{user.id}?as_of=2020-01-01T00:00&tz=Asia/Tokyo")
    wrong = await desk.open(f"{ADMIN}/users/{user.id}?as_of=yesterday")

    assert "EwsEnabled is off for the user." in words_of(now)
    assert "EwsEnabled is on for the user" in words_of(before)
    assert "1 January 2020, 00:00" in words_of(elsewhere)
    assert "Type a date and a time" in words_of(wrong)
    assert 'value="yesterday"' in wrong.text


async def test_a_licence_of_one_user_and_the_default_of_all_are_set_on_pages(
    desk: Desk, administration: Administration
) -> None:
    licensed, without = await administration.known(), await administration.known()
    path = f"{ADMIN}/users/{licensed.id}"
    await apply(desk, await plan(desk, path, licence="record", licence_plan="E5"))
    default = await plan(desk, LICENCES, licence_default="off")
    await apply(desk, default)
    await administration.applied()
    shown, counted = await desk.open(path), await desk.open(LICENCES)
    effective = [
        (await administration.call("GET", f"/users/{each.id}/effective")).json()
        for each in (licensed, without)
    ]

    assert [True, False] == [each["enabled"] for each in effective]
    assert "The service plan of E5 is assigned to the user and enabled." in words_of(shown)
    assert "off" == typed_in(counted, LICENCES)["licence_default"]
    assert "Users with a plan that is assigned and enabled 1" in words_of(counted)


async def test_an_unticked_box_of_a_licence_takes_it_away(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    path = f"{ADMIN}/users/{user.id}"
    typed = {"licence": "record", "licence_plan": "E5", "licence_enabled": ""}
    planned = await plan(desk, path, **typed)
    await apply(desk, planned)
    shown = await desk.open(path)

    assert "Licence: Empty → E5: assigned, not enabled" in words_of(planned)
    assert "licence_enabled" not in typed_in(shown, path)
    assert "may not have a page, because of: licence" in words_of(shown)


async def test_sharing_policies_are_changed_made_and_given_to_a_user(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    made = await plan(
        desk, POLICY, name="For partners", domains="partner.example:CalendarSharingFreeBusySimple"
    )
    await apply(desk, made)
    await apply(desk, await plan(desk, f"{ADMIN}/users/{user.id}", sharing_policy="For partners"))
    listed = await desk.open(SHARING)
    mode = await plan(desk, SHARING, sharing_mode="not_required")
    await apply(desk, mode)
    await administration.applied()
    effective = (await administration.call("GET", f"/users/{user.id}/effective")).json()

    assert "Sharing policy For partners" in words_of(made)
    assert "For partners On Shows nothing to anybody." in words_of(listed)
    assert "Gain their page" in words_of(mode)
    assert f'href="/admin/users/{user.id}"' in mode.text
    assert effective["enabled"]


async def test_switching_the_default_sharing_policy_off_closes_pages_and_undoing_opens_them(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    closing = await plan(desk, POLICY + DEFAULT, enabled="off")
    await apply(desk, closing, confirm=True)
    closed = (await administration.call("GET", f"/users/{user.id}/effective")).json()
    audit = await desk.open(f"{ADMIN}/audit")
    change = await desk.open(first_change(audit.text))
    nameless = await desk.send(change, "/undo")
    undoing = await desk.send(change, "/undo", {"reason": "A mistake"})
    await apply(desk, undoing)
    opened = (await administration.call("GET", f"/users/{user.id}/effective")).json()
    again = await desk.send(change, "/undo", {"reason": "Once more"})

    assert ["sharing_policy"] == closed["denied_by"]
    assert WHY in words_of(change)
    assert (422, "Say why") == (nameless.status_code, "Say why" * ("Say why" in nameless.text))
    assert "The policy is on (Enabled): Off → On" in words_of(undoing)
    assert opened["enabled"]
    assert "There is nothing to do" in words_of(again)


async def test_a_change_that_a_later_one_has_overtaken_is_not_undone(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    path = f"{ADMIN}/users/{user.id}"
    await apply(desk, await plan(desk, path, ews_enabled="off"))
    change = await desk.open(first_change((await desk.open(f"{ADMIN}/audit")).text))
    await apply(desk, await plan(desk, path, ews_enabled="on"))
    refused = await desk.send(change, "/undo", {"reason": "Not any more"})

    assert 409 == refused.status_code
    assert "A later change is in the way" in words_of(refused)
    assert "Not any more" == typed_in(refused, "/undo")["reason"]


def first_change(page: str) -> str:
    """Return the address of the change that the page shows first."""
    _, _, rest = page.partition('href="/admin/audit/')
    return f"{ADMIN}/audit/{rest.partition(chr(34))[0]}"


async def test_what_another_administrator_changed_meanwhile_is_shown_and_nothing_is_lost(
    desk: Desk, administration: Administration
) -> None:
    page = await desk.open(ORGANIZATION)
    async with desk_of(administration, "eve") as other:
        await apply(other, await plan(other, ORGANIZATION, ews_block_list="Outlook*"), confirm=True)
    late = await desk.send(
        page, ORGANIZATION, {"ews_allow_list": "Teams", "reason": "What I typed"}
    )
    once_more = await desk.send(late, ORGANIZATION)

    assert 412 == late.status_code
    assert "Somebody changed this while you were at it" in words_of(late)
    assert "+ Outlook*" in words_of(late)
    kept = typed_in(late, ORGANIZATION)
    assert ("Teams", "What I typed") == (kept["ews_allow_list"], kept["reason"])
    assert "+ Teams" in words_of(once_more)


async def test_a_plan_that_things_have_moved_past_says_what_changed_and_offers_a_new_one(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    old = await plan(desk, f"{ADMIN}/users/{user.id}", ews_enabled="off")
    await administration.change(f"/users/{user.id}", "Faster", EwsBlockList=["Teams"])
    moved = await apply(desk, old)
    new = await desk.send(moved, "/again")
    made = await apply(desk, new)

    assert 412 == moved.status_code
    assert "Things have changed since this plan was made" in words_of(moved)
    assert "+ Teams" in words_of(moved)
    assert "Reason: Faster" in words_of(moved)
    assert "The change is made" in words_of(made)
    stands = (await administration.call("GET", f"/users/{user.id}")).json()
    assert (False, ["Teams"]) == (stands["EwsEnabled"], stands["EwsBlockList"])


async def test_a_plan_leads_back_to_the_form_with_what_it_asks_for(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    planned = await plan(desk, f"{ADMIN}/users/{user.id}", ews_allow_list="Teams", licence="record",
                         licence_plan="E3")  # fmt: skip
    number = str(planned.url).rpartition("/")[2]
    form = typed_in(await desk.open(f"{ADMIN}/users/{user.id}?plan={number}"), str(user.id))

    assert (WHY, "Teams", "E3") == (form["reason"], form["ews_allow_list"], form["licence_plan"])


async def test_users_are_found_by_name_state_and_page_and_who_is_unknown_can_be_opened(
    desk: Desk, administration: Administration
) -> None:
    rows = [{"user": f"paged-{number:03}", "display_name": f"Paged {number:03}",
             "EwsEnabled": number % 2 == 0} for number in range(60)]  # fmt: skip
    await administration.call("PUT", "/users:import", {"users": rows, "reason": "A test"})
    first = await desk.open(f"{ADMIN}/users?q=paged")
    _, _, rest = first.text.partition('href="/admin/users?q=paged')
    second = await desk.open(
        f"{ADMIN}/users?q=paged{rest.partition(chr(34))[0].replace('&amp;', '&')}"
    )
    off = await desk.open(f"{ADMIN}/users?q=PAGED&state=off")
    nobody = await desk.open(f"{ADMIN}/users?q=nobody-yet")

    assert (50, 10, 30) == tuple(page.text.count("<bdi>Paged ") for page in (first, second, off))
    assert "Paged 000" in first.text
    assert "Paged 059" in second.text
    assert "Nobody was found" in words_of(nobody)
    id_ = administration.sign_in.id_of("nobody-yet")
    assert f'href="/admin/users/{id_}"' in nobody.text
    assert "has made no page yet" in words_of(await desk.open(f"{ADMIN}/users/nobody-yet"))


async def test_the_first_page_tells_how_things_stand_and_what_was_changed_last(
    desk: Desk, administration: Administration
) -> None:
    user = await administration.known()
    await apply(desk, await plan(desk, f"{ADMIN}/users/{user.id}", ews_enabled="off"))
    shown = words_of(await desk.open(ADMIN))

    assert "A user with no settings of their own may have a page." in shown
    assert f"Settings of {user.id} Pages (EwsEnabled): Empty → Off" in shown
    assert f"{datetime.now(UTC).year}" in shown
    assert "by Ada" in shown

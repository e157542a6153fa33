"""Whom a change grants or withdraws access: exactly those that it affects, at once and in order."""

import asyncio
from itertools import pairwise

import pytest

from contracts.policy import AccessGranted, AccessWithdrawn
from contracts.topics import BOOKING_EVENTS, POLICY_EVENTS, dead_letter_topic
from services.chassis.messaging import batches
from tests.component.kafka import eventually
from tests.component.policy.administration import ORGANIZATION, Administration, User

DEAD_LETTERS = dead_letter_topic(BOOKING_EVENTS, "policy")


async def test_a_new_page_has_its_organizers_access_decided(
    administration: Administration,
) -> None:
    allowed, denied = administration.user(), administration.user()

    [page] = await administration.neighbour.tell(allowed.page_created())
    assert ["AccessGranted"] == await administration.decisions(allowed, 1)
    await administration.organization(False)
    await administration.neighbour.tell(denied.page_created())
    assert ["AccessWithdrawn"] == await administration.decisions(denied, 1)

    granted = await administration.topics.one(POLICY_EVENTS, allowed.id, "AccessGranted")
    withdrawn = await administration.topics.one(POLICY_EVENTS, denied.id, "AccessWithdrawn")
    assert AccessGranted(user_id=allowed.id, rule="ews_enabled", decided_by="default") == (
        granted.event
    )
    assert AccessWithdrawn(user_id=denied.id, rule="ews_enabled", decided_by="organization") == (
        withdrawn.event
    )
    assert (page.id, page.correlation_id) == (
        granted.header("ce_causationid"),
        granted.header("ce_correlationid"),
    )


async def test_a_page_of_somebody_who_was_decided_about_before_is_no_news(
    administration: Administration,
) -> None:
    user, after = await administration.known(False), administration.user()

    page = user.page_created()
    [sent] = await administration.neighbour.tell(page)
    for _ in range(2):
        await administration.neighbour.send(page, sent, page.model_dump_json().encode())
    await administration.neighbour.tell(after.page_created())
    await administration.decisions(after, 1)
    await _consumed(administration, user)

    assert ["UserPolicyChanged", "AccessWithdrawn"] == await administration.events(user.id)


async def test_a_change_of_the_organization_affects_exactly_those_whom_it_turns(
    administration: Administration,
) -> None:
    users = {switch: await administration.known(switch) for switch in (True, None, False)}
    before = {switch: await administration.events(user.id) for switch, user in users.items()}

    await administration.organization(False)
    await administration.organization(False, "user_overrides_org")
    await administration.organization(None)

    news = {
        switch: (await administration.events(user.id))[len(before[switch]) :]
        for switch, user in users.items()
    }
    assert {
        True: ["AccessWithdrawn", "AccessGranted"],
        None: ["AccessWithdrawn", "AccessGranted"],
        False: [],
    } == news


async def test_a_change_and_all_that_follows_from_it_is_one_transaction(
    administration: Administration,
) -> None:
    users = [await administration.known() for _ in range(5)]

    await administration.organization(False)
    rows = await administration.service.rows(
        "SELECT DISTINCT xmin::text AS transaction, metadata->>'correlation_id' AS correlation"
        " FROM events WHERE (partition_key = ANY(%s) AND type = 'AccessWithdrawn') OR id ="
        " (SELECT id FROM events WHERE partition_key = %s ORDER BY sequence DESC LIMIT 1)",
        [str(user.id) for user in users],
        ORGANIZATION,
    )

    assert 1 == len(rows)
    for user in users:
        assert "AccessWithdrawn" == (await administration.events(user.id))[-1]


async def test_a_change_of_one_user_touches_nobody_else(administration: Administration) -> None:
    user, other = await administration.known(), await administration.known()
    before = await administration.events(other.id)

    await administration.change(f"/users/{user.id}", EwsEnabled=False)

    assert ["AccessGranted", "UserPolicyChanged", "AccessWithdrawn"] == (
        await administration.events(user.id)
    )
    assert before == await administration.events(other.id)


async def test_every_event_is_published_in_order_without_a_gap(
    administration: Administration,
) -> None:
    user = await administration.known()
    await administration.change(f"/users/{user.id}", reason="On leave", EwsEnabled=False)
    await administration.change(f"/users/{user.id}", reason="Back", EwsEnabled=True)
    await administration.decisions(user, 5)

    heard = administration.topics.of(POLICY_EVENTS, user.id)
    changed = next(each.event for each in heard if each.kind == "UserPolicyChanged")

    assert await administration.events(user.id) == [each.kind for each in heard]
    assert ["1", "2", "3", "4", "5"] == [each.header("ce_sequence") for each in heard]
    assert ("On leave", str(administration.sign_in.id_of("ada")), None, False) == (
        changed.reason,
        changed.by,
        changed.before.ews_enabled,
        changed.after.ews_enabled,
    )
    stored = await administration.service.rows(
        "SELECT id::text, sequence FROM events WHERE partition_key = %s ORDER BY sequence",
        ORGANIZATION,
    )
    ids = [row["id"] for row in stored]
    told = await administration.topics.until(
        POLICY_EVENTS, ORGANIZATION, lambda heard: heard[-1].header("ce_id") == ids[-1]
    )
    # Other tests have organizations of their own, which have the same key.
    own = [each for each in told if each.header("ce_id") in ids]
    assert ids == [each.header("ce_id") for each in own]
    assert [str(n) for n in range(1, len(ids) + 1)] == [each.header("ce_sequence") for each in own]


async def test_who_comes_while_the_organization_changes_is_decided_by_what_holds_in_the_end(
    administration: Administration,
) -> None:
    users = [administration.user() for _ in range(30)]

    async def come(some: list[User]) -> None:
        for user in some:
            await administration.neighbour.tell(user.page_created())

    async def turn() -> None:
        for switch in (False, True, False, None, False):
            await administration.organization(switch)

    await asyncio.gather(come(users[:10]), come(users[10:20]), come(users[20:]), turn())

    async def all_decided() -> bool:
        events = [await administration.events(user.id) for user in users]
        return all(events)

    await eventually(all_decided, "every decision")
    for user in users:
        decisions = await administration.events(user.id)
        assert "AccessWithdrawn" == decisions[-1]
        assert all(one != other for one, other in pairwise(decisions))


async def test_a_poison_page_is_a_dead_letter_and_the_next_one_is_decided(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "FIRST_PAUSE_SECONDS", 0.001)
    user, other = administration.user(), administration.user()
    page = user.page_created()
    bad = administration.neighbour.envelope(page)

    await administration.neighbour.send(page, bad, b"{}")
    [behind] = await administration.neighbour.tell(page)
    await administration.neighbour.tell(other.page_created())
    dead = await administration.topics.until(DEAD_LETTERS, user.id, lambda heard: len(heard) == 2)

    assert [("invalid", bad.id, ""), ("behind", behind.id, bad.id)] == [
        (each.header("dlt_reason"), each.header("ce_id"), each.header("dlt_behind"))
        for each in dead
    ]
    assert ["AccessGranted"] == await administration.decisions(other, 1)
    assert [] == await administration.events(user.id)


async def test_an_event_of_an_unknown_type_and_one_out_of_order_are_passed_over(
    administration: Administration,
) -> None:
    user = administration.user()
    page = user.page_created()
    late = administration.neighbour.envelope(page)
    unknown = administration.neighbour.envelope(page, type="io.bookwith.booking.PagePraised.v1")

    await administration.neighbour.send(page, unknown, b"[]")
    await administration.neighbour.send(page, late, page.model_dump_json().encode())
    await _consumed(administration, user)

    assert [] == administration.topics.of(DEAD_LETTERS, user.id)
    assert [] == await administration.events(user.id)


async def _consumed(administration: Administration, user: User) -> None:
    """Wait until all that was told of the user is consumed."""
    event = user.page_created()
    last = administration.neighbour.envelope(event, type="io.bookwith.booking.PageIdle.v1")
    await administration.neighbour.send(event, last, b"{}")
    query = "SELECT 1 FROM inbox WHERE topic = %s AND key = %s AND sequence >= %s"
    place = BOOKING_EVENTS, str(user.id), last.sequence
    await eventually(lambda: administration.service.rows(query, *place), "the last record")

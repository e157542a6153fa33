"""Access decisions: a change decides about exactly the users that it affects, in order."""

import asyncio
from itertools import pairwise

import pytest

from contracts.policy import AccessGranted, AccessWithdrawn
from contracts.topics import BOOKING_EVENTS, POLICY_EVENTS, dead_letter_topic
from services.chassis.messaging import batches
from services.policy import rollout
from tests.component.kafka import eventually
from tests.component.policy.administration import ORGANIZATION, Administration, User

DEAD_LETTERS = dead_letter_topic(BOOKING_EVENTS, "policy")


async def test_a_new_page_has_its_organizers_access_decided(
    administration: Administration,
) -> None:
    allowed, denied = administration.user(), administration.user()

    [page] = await administration.other_services.publish(allowed.page_created())
    assert ["AccessGranted"] == await administration.decisions(allowed, 1)
    await administration.organization(False)
    await administration.other_services.publish(denied.page_created())
    assert ["AccessWithdrawn"] == await administration.decisions(denied, 1)

    granted = await administration.topics.one(POLICY_EVENTS, allowed.id, "AccessGranted")
    withdrawn = await administration.topics.one(POLICY_EVENTS, denied.id, "AccessWithdrawn")
    version = (await administration.call("GET", "/organization")).json()["policy_version"]
    assert AccessGranted(
        user_id=allowed.id, rule="ews_enabled", decided_by="default", policy_version=version - 1
    ) == (granted.event)
    assert AccessWithdrawn(
        user_id=denied.id,
        rule="ews_enabled",
        decided_by="organization",
        value=False,
        policy_version=version,
    ) == (withdrawn.event)
    assert (page.id, page.correlation_id) == (
        granted.header("ce_causationid"),
        granted.header("ce_correlationid"),
    )


async def test_a_page_of_a_user_with_decided_access_causes_no_event(
    administration: Administration,
) -> None:
    user, after = await administration.known(False), administration.user()

    page = user.page_created()
    [sent] = await administration.other_services.publish(page)
    for _ in range(2):
        await administration.other_services.send(page, sent, page.model_dump_json().encode())
    await administration.other_services.publish(after.page_created())
    await administration.decisions(after, 1)
    await _consumed(administration, user)

    assert ["UserPolicyChanged", "AccessWithdrawn"] == await administration.events(user.id)


async def test_a_change_of_the_organization_decides_only_about_users_whose_access_it_changes(
    administration: Administration,
) -> None:
    users = {switch: await administration.known(switch) for switch in (True, None, False)}
    before = {switch: await administration.events(user.id) for switch, user in users.items()}

    await administration.organization(False)
    await administration.organization(False, "user_overrides_org")
    await administration.organization(None)

    decided = {
        switch: (await administration.events(user.id))[len(before[switch]) :]
        for switch, user in users.items()
    }
    assert {
        True: ["AccessWithdrawn", "AccessGranted"],
        None: ["AccessWithdrawn", "AccessGranted"],
        False: [],
    } == decided


async def test_the_decisions_about_users_follow_in_batches_with_their_cause_and_then_the_end(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "BATCH", 2)
    users = [await administration.known() for _ in range(5)]

    await administration.organization(False)
    applied, changed = await administration.service.rows(
        "SELECT id::text, version, metadata, type, data FROM events WHERE partition_key = %s"
        " ORDER BY sequence DESC LIMIT 2",
        ORGANIZATION,
    )
    decisions = await administration.service.rows(
        "SELECT DISTINCT xmin::text, metadata->>'causation_id' AS cause,"
        " metadata->>'correlation_id' AS correlation FROM events"
        " WHERE partition_key = ANY(%s) AND type = 'AccessWithdrawn'",
        [str(user.id) for user in users],
    )

    assert ("OrganizationPolicyChanged", "PolicyApplied") == (changed["type"], applied["type"])
    assert changed["version"] == applied["data"]["policy_version"]
    assert len(decisions) > 1
    assert {(changed["id"], changed["metadata"]["correlation_id"])} == {
        (each["cause"], each["correlation"]) for each in decisions
    }
    for user in users:
        assert "AccessWithdrawn" == (await administration.events(user.id))[-1]


async def test_a_change_of_one_user_causes_no_event_of_another(
    administration: Administration,
) -> None:
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

    received = administration.topics.of(POLICY_EVENTS, user.id)
    changed = next(each.event for each in received if each.kind == "UserPolicyChanged")

    assert await administration.events(user.id) == [each.kind for each in received]
    assert ["1", "2", "3", "4", "5"] == [each.header("ce_sequence") for each in received]
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
    published = await administration.topics.until(
        POLICY_EVENTS, ORGANIZATION, lambda received: received[-1].header("ce_id") == ids[-1]
    )
    # Other tests have organizations of their own, which have the same key; and what Kafka did not
    # answer for is sent again.
    own = {
        each.header("ce_id"): each.header("ce_sequence")
        for each in published
        if each.header("ce_id") in ids
    }
    assert [(id_, str(number)) for number, id_ in enumerate(ids, start=1)] == [*own.items()]


async def test_a_user_created_during_a_policy_change_gets_the_final_policy(
    administration: Administration,
) -> None:
    users = [administration.user() for _ in range(30)]

    async def create_pages(some: list[User]) -> None:
        for user in some:
            await administration.other_services.publish(user.page_created())

    async def change_policy() -> None:
        for switch in (False, True, False, None, False):
            await administration.organization(switch)

    await asyncio.gather(
        create_pages(users[:10]),
        create_pages(users[10:20]),
        create_pages(users[20:]),
        change_policy(),
    )

    async def all_decided() -> bool:
        events = [await administration.events(user.id) for user in users]
        return all(events)

    await eventually(all_decided, "every decision")
    await administration.applied()
    for user in users:
        decisions = await administration.events(user.id)
        assert "AccessWithdrawn" == decisions[-1]
        assert all(one != other for one, other in pairwise(decisions))


async def test_a_poison_page_becomes_a_dead_letter_and_the_next_one_is_decided(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "FIRST_PAUSE_SECONDS", 0.001)
    user, other = administration.user(), administration.user()
    page = user.page_created()
    bad = administration.other_services.envelope(page)

    await administration.other_services.send(page, bad, b"{}")
    [behind] = await administration.other_services.publish(page)
    await administration.other_services.publish(other.page_created())
    dead = await administration.topics.until(
        DEAD_LETTERS, user.id, lambda received: len(received) == 2
    )

    assert [("invalid", bad.id, ""), ("behind", behind.id, bad.id)] == [
        (each.header("dlt_reason"), each.header("ce_id"), each.header("dlt_behind"))
        for each in dead
    ]
    assert ["AccessGranted"] == await administration.decisions(other, 1)
    assert [] == await administration.events(user.id)


async def test_an_event_of_an_unknown_type_is_skipped_and_one_out_of_order_is_parked_not_dropped(
    administration: Administration,
) -> None:
    user = administration.user()
    page = user.page_created()
    late = administration.other_services.envelope(page)
    unknown = administration.other_services.envelope(
        page, type="io.bookwith.booking.PagePraised.v1"
    )

    await administration.other_services.send(page, unknown, b"[]")
    await administration.other_services.send(page, late, page.model_dump_json().encode())
    await _consumed(administration, user)

    [parked] = await administration.topics.until(DEAD_LETTERS, user.id, bool)
    assert ("conflict", late.id) == (parked.header("dlt_reason"), parked.header("ce_id"))
    assert [] == await administration.events(user.id)


async def test_all_of_this_works_with_several_brokers_named_of_which_the_first_is_dead(
    administration: Administration, kafka_bootstrap: str
) -> None:
    assert administration.service.kafka.endswith(f",{kafka_bootstrap}")
    user = administration.user()
    await administration.other_services.publish(user.page_created())

    assert ["AccessGranted"] == await administration.decisions(user, 1)


async def _consumed(administration: Administration, user: User) -> None:
    """Wait until every event about the user is consumed."""
    event = user.page_created()
    last = administration.other_services.envelope(event, type="io.bookwith.booking.PageIdle.v1")
    await administration.other_services.send(event, last, b"{}")
    query = "SELECT 1 FROM inbox WHERE topic = %s AND key = %s AND sequence >= %s"
    place = BOOKING_EVENTS, str(user.id), last.sequence
    await eventually(lambda: administration.service.rows(query, *place), "the last record")

"""The directory: who the users are, from where that is known, and how administrators find them."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.booking import PageChanged
from contracts.topics import POLICY_EVENTS
from services.chassis.ids import new_id
from services.policy.directory.entries import Description
from services.policy.directory.records import keep
from services.policy.directory.search import FIND
from tests.component.kafka import eventually
from tests.component.policy.administration import Administration, User, problem

IMPORT = "/users:import"
MANY_USERS = (
    b"INSERT INTO users (id) SELECT gen_random_uuid() FROM generate_series(1, 20000)",
    b"""INSERT INTO directory (id, source, search, sort_name)
        SELECT id, 'csv', md5(id::text), md5(id::text) FROM users ON CONFLICT DO NOTHING""",
    # What waits to be put into the index would make reading it dear.
    b"SELECT gin_clean_pending_list('directory_search')",
    b"ANALYZE users, directory",
)


async def listed(administration: Administration, query: str) -> list[dict[str, Any]]:
    answer = await administration.call("GET", f"/users?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def imported(administration: Administration, *rows: dict[str, Any]) -> None:
    body = {"users": rows, "reason": "The new list", "confirm": True}
    answer = await administration.call("PUT", IMPORT, body)
    assert answer.status_code == 200, answer.text


async def signed_in(administration: Administration, user: User, name: str) -> None:
    """Let the user make a page under the name."""
    event = user.page_created().model_copy(update={"display_name": name})
    await administration.other_services.publish(event)

    async def is_described() -> bool:
        return [name] == [each["display_name"] for each in await listed(administration, of(user))]

    await eventually(is_described, "the description")


def of(user: User) -> str:
    return f"search={user.id}"


def mark() -> str:
    """Return a word that no other test's users have."""
    return new_id().hex[-12:]


async def test_who_makes_a_page_is_in_the_directory_with_name_and_address(
    administration: Administration,
) -> None:
    user = administration.user()

    await signed_in(administration, user, "Zoë Østergård")

    [found] = await listed(administration, of(user))
    assert ("Zoë Østergård", f"{user.identity}@bridges.example", "sign_in") == (
        found["display_name"],
        found["mail"],
        found["source"],
    )
    assert (None, True, True, "ews_enabled") == (
        found["user_name"],
        found["active"],
        found["enabled"],
        found["deciding_rule"],
    )


async def test_a_changed_page_changes_the_description(administration: Administration) -> None:
    user = administration.user()
    await signed_in(administration, user, "Anna Holm")
    page = user.page_created().model_dump()

    await administration.other_services.publish(
        PageChanged.model_validate({**page, "display_name": "Anna Lund"})
    )

    async def has_changed() -> bool:
        [found] = await listed(administration, of(user))
        return bool(found["display_name"] == "Anna Lund")

    await eventually(has_changed, "the new name")


async def test_an_import_describes_its_users_and_a_page_changes_nothing_of_that(
    administration: Administration,
) -> None:
    user, word = administration.user(), mark()
    await imported(
        administration,
        {"user": user.identity, "display_name": f"Ørsted {word}", "mail": f"{word}@hc.example"},
    )
    before = await listed(administration, of(user))
    await administration.other_services.publish(user.page_created())
    await administration.decisions(user, 1)
    other = administration.user()
    await signed_in(administration, other, "Somebody later")  # so the page has been read by now

    assert before == await listed(administration, of(user))
    assert (user.identity, f"Ørsted {word}", f"{word}@hc.example", "csv") == (
        before[0]["user_name"],
        before[0]["display_name"],
        before[0]["mail"],
        before[0]["source"],
    )


async def test_a_page_that_is_written_at_the_same_moment_as_an_import_changes_nothing_of_it(
    administration: Administration,
) -> None:
    """Each has read that there is nobody yet; the row of the import is the first."""
    user = administration.user()
    await imported(administration, {"user": user.identity, "display_name": "By the import"})
    page = Description(id=user.id, source="sign_in", display_name="By the page")

    async with administration.service.database.transaction() as connection:
        await keep(connection, page)

    [found] = await listed(administration, of(user))
    assert ("By the import", "csv") == (found["display_name"], found["source"])


async def test_what_an_import_leaves_out_of_a_description_stays(
    administration: Administration,
) -> None:
    user = administration.user()
    await imported(administration, {"user": user.identity, "display_name": "Inge"})
    await imported(administration, {"user": str(user.id), "mail": "inge@bridges.example"})

    [found] = await listed(administration, of(user))
    assert (user.identity, "Inge", "inge@bridges.example") == (
        found["user_name"],
        found["display_name"],
        found["mail"],
    )


async def test_users_are_found_by_any_part_of_their_names_and_addresses_whatever_the_case(
    administration: Administration,
) -> None:
    user, word = administration.user(), mark()
    name, mail = f"Åse {word} Ødegård", f"office_{word}@Bridges.example"
    await imported(administration, {"user": user.identity, "display_name": name, "mail": mail})

    found = {
        text: [each["id"] for each in await listed(administration, f"search={text}")]
        for text in (
            word[2:9],
            f"åse {word}".upper(),
            f"{word} øDE",
            f"{word}@bridges",
            str(user.id),
            f"x{word}",
            f"office%25{word}",
            f"officeX{word}",
            "%00",
        )
    }

    ours = [str(user.id)]
    assert [ours, ours, ours, ours, ours, [], [], [], []] == list(found.values())


async def test_a_search_reads_the_index_and_not_every_user(administration: Administration) -> None:
    values = {"pattern": "%holm%", "id": None, "enabled": None, "cursor": None, "limit": 50}
    async with (
        administration.service.database.connection() as connection,
        connection.transaction(force_rollback=True),
    ):
        for statement in MANY_USERS:
            await connection.execute(statement)
        cursor = await connection.execute(b"EXPLAIN " + FIND.text, values)
        plan = "\n".join(str(line) for row in await cursor.fetchall() for line in row.values())

    assert "directory_search" in plan


async def test_pages_of_the_list_follow_each_other_by_name_and_end(
    administration: Administration,
) -> None:
    word = mark()
    rows = [
        {"user": f"{word}-{number}", "display_name": f"{name} {word}"}
        for number, name in enumerate(("Bo", "ada", "Cilla", "Ada", "Dan"))
    ]
    await imported(administration, *rows)
    names, cursor = [], ""
    for _ in range(3):
        path = f"/users?search={word}&limit=2{cursor}"
        page = (await administration.call("GET", path)).json()
        names += [each["display_name"].split()[0] for each in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"

    assert (["bo", "cilla", "dan"], None) == (
        [each.lower() for each in names][2:],
        page["next_cursor"],
    )
    assert ["ada", "ada"] == [each.lower() for each in names][:2]


async def test_the_list_is_narrowed_to_those_whose_page_is_allowed_or_not(
    administration: Administration,
) -> None:
    word = mark()
    on, off = (
        {"user": f"{word}-on", "display_name": word},
        {"user": f"{word}-off", "display_name": word, "EwsEnabled": False},
    )
    await imported(administration, on, off)

    found = {
        state: [each["user_name"] for each in await listed(administration, f"search={word}{state}")]
        for state in ("&enabled=true", "&enabled=false")
    }

    assert {"&enabled=true": [f"{word}-on"], "&enabled=false": [f"{word}-off"]} == found


async def test_the_list_is_for_administrators(administration: Administration) -> None:
    organizer = administration.sign_in.signed_in("anna", "organizer")

    assert (403, "forbidden") == problem(
        await administration.call("GET", "/users?search=a", by=organizer)
    )
    assert (401, "unauthenticated") == problem(
        await administration.call("DELETE", "/users/anna/description", by={})
    )


async def test_an_account_that_is_off_has_no_page_and_the_trace_and_the_undo_say_so(
    administration: Administration,
) -> None:
    user = await administration.known()
    changed = await administration.change(f"/users/{user.id}", reason="Has left", active=False)

    effective = changed["effective"]
    assert (False, "account", ["account"]) == (
        effective["enabled"],
        effective["deciding_rule"],
        effective["denied_by"],
    )
    assert {
        "rule": "account",
        "verdict": False,
        "decided_by": "user",
        "value": False,
        "matched": None,
    } == effective["rules"][-1]
    assert any("active is false" in line for line in effective["explanation"]["en"])
    assert any("active er false" in line for line in effective["explanation"]["da"])
    assert ["AccessGranted", "UserPolicyChanged", "AccessWithdrawn"] == (
        await administration.events(user.id)
    )
    [change] = await administration.service.rows(
        "SELECT id FROM events WHERE stream = %s AND type = 'UserPolicyChanged'", f"user-{user.id}"
    )
    undone = await administration.call("POST", f"/changes/{change['id']}/undo", {"confirm": True})
    assert (True, True) == (undone.json()["active"], undone.json()["effective"]["enabled"])


async def test_a_plan_of_an_import_keeps_no_name_and_no_address(
    administration: Administration,
) -> None:
    user, word = administration.user(), mark()
    row = {"user": user.identity, "display_name": word, "mail": f"{word}@bridges.example"}
    body = {"users": [{**row, "EwsEnabled": False}], "reason": "Try"}

    made = await administration.call("PUT", f"{IMPORT}?dry_run=true", body)
    applied = await administration.call("POST", f"/plans/{made.json()['number']}/apply", {})

    assert (200, 200) == (made.status_code, applied.status_code)
    assert [] == await administration.service.rows(
        "SELECT number FROM plans WHERE document::text LIKE %s", f"%{word}%"
    )
    [found] = await listed(administration, of(user))
    assert (user.identity, None, False) == (
        found["user_name"],
        found["display_name"],
        found["enabled"],
    )


@pytest.mark.parametrize("field", ["display_name", "mail"])
@pytest.mark.parametrize("value", ["", " ", "a\0b", "x" * 257, 7])
async def test_a_description_that_cannot_be_kept_is_refused_with_its_row(
    administration: Administration, field: str, value: object
) -> None:
    body = {"users": [{"user": "a"}, {"user": "b", field: value}], "reason": "List"}

    answer = await administration.call("PUT", IMPORT, body)

    assert (422, "invalid") == problem(answer)
    assert [f"#/users/1/{field}"] == [each["pointer"] for each in answer.json()["errors"]]


async def test_an_erased_description_is_gone_from_everything_that_policy_keeps_and_says(
    administration: Administration,
) -> None:
    word = mark()
    user = replace(administration.user(), identity=f"{word}-id")
    user = replace(user, id=administration.sign_in.id_of(user.identity))
    row = {"user": user.identity, "display_name": f"Anna {word}", "mail": f"{word}@b.example"}
    await imported(administration, {**row, "EwsEnabled": False})
    tables = [
        each["name"]
        for each in await administration.service.rows(
            "SELECT table_name AS name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
    ]
    published = await administration.topics.until(
        POLICY_EVENTS, user.id, lambda all_: len(all_) > 1
    )
    path = f"/users/{user.identity}/description"

    gone = await administration.call("DELETE", path)
    again = await administration.call("DELETE", path)

    holding = [
        name
        for name in tables
        if await administration.service.rows(
            f"SELECT 1 FROM {name} AS t WHERE t::text ILIKE %s LIMIT 1", f"%{word}%"
        )
    ]
    assert (204, [], (404, "not-found")) == (gone.status_code, holding, problem(again))
    assert not any(word in str(each) for each in published)
    [kept] = await listed(administration, of(user))
    assert (None, None, False) == (kept["display_name"], kept["source"], kept["enabled"])

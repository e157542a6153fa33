"""A change before it is made: who would gain or lose, what it warns of, its plan, its undoing."""

import asyncio
from typing import Any

from tests.component.policy.administration import Administration, User, problem

OFF = {"EwsEnabled": False, "reason": "The pilot is over"}


async def plan(
    administration: Administration, path: str = "/organization", **body: Any
) -> dict[str, Any]:
    """Return the plan of a change."""
    method = "PUT" if path.startswith(("/sharing", "/users:")) else "PATCH"
    answer = await administration.call(
        method, f"{path}?dry_run=true", {"reason": "A plan", **body}, If_Match="*"
    )
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def decided(administration: Administration, users: list[User]) -> dict[User, str]:
    return {user: (await administration.events(user.id))[-1] for user in users}


async def test_a_dry_run_tells_who_would_gain_or_lose_and_that_is_what_then_happens(
    administration: Administration,
) -> None:
    await administration.organization(False, "user_overrides_org")
    on = [await administration.known(True) for _ in range(3)]
    off = [await administration.known() for _ in range(2)]
    before = [await administration.events(user.id) for user in (*on, *off)]

    losing = await plan(administration, mode="both_must_allow")
    untouched = [await administration.events(user.id) for user in (*on, *off)]
    applied = await administration.call(
        "POST", f"/plans/{losing['number']}/apply", {"confirm": True}
    )
    await administration.applied()

    assert before == untouched
    assert applied.status_code == 200, applied.text
    assert applied.json()["applied_at"] is not None
    assert {str(user.id) for user in on} <= set(losing["losing"])
    assert not {str(user.id) for user in off} & {*losing["losing"], *losing["gaining"]}
    withdrawn = await administration.service.rows(
        "SELECT DISTINCT partition_key AS id FROM events WHERE type = 'AccessWithdrawn'"
        " AND (data ->> 'policy_version')::int = %s",
        losing["policy_version"] + 1,
    )
    assert losing["losses"] == len(withdrawn)
    assert sorted(losing["losing"]) == losing["losing"]
    assert set(losing["losing"]) <= {row["id"] for row in withdrawn}
    gaining = await plan(administration, mode="user_overrides_org")
    assert (losing["losses"], 0) == (gaining["gains"], gaining["losses"])


async def test_only_the_first_hundred_are_named_and_all_are_counted(
    administration: Administration,
) -> None:
    rows = [{"user": f"many-{number}"} for number in range(120)]
    await administration.call(
        "PUT", "/users:import", {"users": [{**row, "EwsEnabled": True} for row in rows],
                                 "reason": "A test"},
    )  # fmt: skip

    made = await plan(administration, EwsEnabled=False)

    assert made["losses"] >= 120
    assert 100 == len(made["losing"])
    assert 0 == made["remaining"]


async def test_what_is_easily_overlooked_is_refused_or_told(
    administration: Administration,
) -> None:
    await administration.known()
    found = []
    for body in (
        OFF,
        {"EwsApplicationAccessPolicy": "EnforceAllowList", "EwsAllowList": ["*Bookings", "Mail"],
         "reason": "x"},
        {"EwsBlockList": {"Add": ["Mail"]}, "reason": "x"},
    ):  # fmt: skip
        refused = await administration.call(
            "PATCH", "/organization", {**body, "confirm": False}, If_Match="*"
        )
        assert (409, "confirmation-required") == problem(refused)
        found.append([each["code"] for each in refused.json()["warnings"]])
    await administration.organization(True)
    emptied = await administration.call(
        "PATCH", "/organization", {"EwsEnabled": None, "reason": "x", "confirm": False},
        If_Match="*",
    )  # fmt: skip
    confirmed = await administration.call(
        "PATCH", "/organization", {"EwsEnabled": None, "reason": "x", "confirm": True},
        If_Match="*",
    )  # fmt: skip
    same = await administration.call(
        "PATCH", "/organization", {"EwsEnabled": None, "reason": "x", "confirm": False},
        If_Match="*",
    )  # fmt: skip

    assert [
        ["locks_out_everyone"],
        ["cuts_off_other_applications"],
        ["list_not_in_force"],
    ] == found
    assert (409, "confirmation-required") == problem(emptied)
    assert (200, 200) == (confirmed.status_code, same.status_code)
    assert [] == confirmed.json()["warnings"]
    told = await administration.call("PATCH", "/organization", OFF, If_Match="*")
    assert (200, False) == (told.status_code, told.json()["EwsEnabled"])
    assert ["locks_out_everyone"] == [each["code"] for each in told.json()["warnings"]]


async def test_a_plan_is_refused_once_things_have_changed_and_says_what(
    administration: Administration,
) -> None:
    user, other = await administration.known(), await administration.known()
    of_user = await plan(administration, f"/users/{user.id}", EwsEnabled=False)
    of_all = await plan(administration, EwsEnabled=False)

    await administration.change(f"/users/{user.id}", reason="Faster", EwsEnabled=True)
    moved = await administration.call("POST", f"/plans/{of_user['number']}/apply", {})
    await administration.change(f"/users/{other.id}", reason="Leave", EwsEnabled=False)
    other_effect = await administration.call(
        "POST", f"/plans/{of_all['number']}/apply", {"confirm": True}
    )

    assert (412, "version-conflict") == problem(moved) == problem(other_effect)
    [change] = moved.json()["changed"]
    assert ("Faster", "user", str(user.id)) == (change["why"], change["what"], change["user_id"])
    assert of_all["losses"] - 1 == other_effect.json()["now"]["losses"]
    assert (await administration.call("GET", "/organization")).json()["EwsEnabled"] is None


async def test_a_plan_is_applied_once_however_often_it_is_asked_for(
    administration: Administration,
) -> None:
    user = await administration.known()
    made = await plan(administration, f"/users/{user.id}", EwsEnabled=False)
    path = f"/plans/{made['number']}/apply"

    answers = await asyncio.gather(*(administration.call("POST", path, {}) for _ in range(3)))

    assert [200] * 3 == [answer.status_code for answer in answers]
    assert 1 == (await administration.events(user.id)).count("AccessWithdrawn")
    assert (404, "not-found") == problem(await administration.call("GET", "/plans/999999"))
    assert (404, "not-found") == problem(
        await administration.call("POST", "/plans/999999/apply", {})
    )


async def test_a_plan_that_warns_is_confirmed_before_it_is_applied(
    administration: Administration,
) -> None:
    made = await plan(administration, EwsEnabled=False)

    refused = await administration.call("POST", f"/plans/{made['number']}/apply", {})
    kept = await administration.call("GET", f"/plans/{made['number']}")

    assert (409, "confirmation-required") == problem(refused)
    assert (None, made) == (kept.json()["applied_at"], kept.json())


async def test_the_slower_of_two_administrators_is_told_what_the_other_has_changed(
    administration: Administration,
) -> None:
    tag = (await administration.call("GET", "/organization")).headers["etag"]
    await administration.change("/organization", reason="Faster", licence_default=True, mode=
                                "user_overrides_org")  # fmt: skip

    slower = await administration.call("PATCH", "/organization", {**OFF, "confirm": True},
                                       If_Match=tag)  # fmt: skip

    assert (412, "version-conflict") == problem(slower)
    assert ["Faster"] == [change["why"] for change in slower.json()["changed"]]


async def test_a_change_is_undone_and_so_is_its_undoing(administration: Administration) -> None:
    user = await administration.known()
    licence = {"plan": "E3", "assigned": True, "enabled": False}
    await administration.change(f"/users/{user.id}", reason="Licence", licence=licence)
    await administration.change(f"/users/{user.id}", reason="List", EwsBlockList=["A"])

    undone = await _undo_last_but(administration, user, 1)
    again = await _undo_last_but(administration, user, 0)

    assert (None, ["A"]) == (undone.json()["licence"], undone.json()["EwsBlockList"])
    assert licence == again.json()["licence"]
    audit = await _changes(administration, user)
    assert f"Undoes the change {audit[2]['id']}" == audit[3]["why"]


async def test_a_change_that_a_later_one_has_altered_is_not_undone(
    administration: Administration,
) -> None:
    user = await administration.known(True)
    await administration.change(f"/users/{user.id}", reason="Off", EwsEnabled=False)

    refused = await _undo_last_but(administration, user, 1)
    missing = await administration.call("POST", f"/changes/{user.id}/undo", {})

    assert (409, "state-conflict") == problem(refused)
    assert "EwsEnabled" in refused.json()["detail"]
    assert (404, "not-found") == problem(missing)


async def test_a_change_of_everybody_and_a_new_sharing_policy_are_undone(
    administration: Administration,
) -> None:
    await administration.sharing("Brief", Domains=["Anonymous:ContactsSharing"])
    made = await _newest_change(administration)
    await administration.organization(True)
    switched = await _newest_change(administration)

    unmade = await administration.call("POST", f"/changes/{made['id']}/undo", {})
    unconfirmed = await administration.call(
        "POST", f"/changes/{switched['id']}/undo", {"confirm": False}
    )
    emptied = await administration.call(
        "POST", f"/changes/{switched['id']}/undo", {"reason": "No", "confirm": True}
    )

    assert ("Brief", [], False) == tuple(
        unmade.json()[name] for name in ("name", "Domains", "Enabled")
    )
    assert (409, "confirmation-required") == problem(unconfirmed)
    assert emptied.json()["EwsEnabled"] is None


async def test_users_are_imported_all_or_none_and_each_once(
    administration: Administration,
) -> None:
    first, second = administration.user(), administration.user()
    rows = [
        {"user": first.identity, "EwsEnabled": False},
        {"user": str(second.id), "licence": {"plan": "E3", "assigned": True, "enabled": True}},
    ]
    tried = await plan(administration, "/users:import", users=rows)
    done = await administration.call("PUT", "/users:import", {"users": rows, "reason": "New"})
    twice = await administration.call(
        "PUT", "/users:import", {"users": [*rows, {"user": str(first.id)}], "reason": "New"}
    )
    wrong = await administration.call(
        "PUT",
        "/users:import",
        {"users": [{"user": "x", "EwsEnabled": True}, {"user": "y", "EwsEnable": True}],
         "reason": "New"},
    )  # fmt: skip

    assert [str(first.id)] == tried["losing"]
    assert (2, 1, 1) == tuple(done.json()[name] for name in ("users", "enabled", "disabled"))
    assert ["UserPolicyChanged", "AccessWithdrawn"] == await administration.events(first.id)
    assert ["UserPolicyChanged", "AccessGranted"] == await administration.events(second.id)
    assert (422, "invalid") == problem(twice) == problem(wrong)
    assert "#/users/2/user" == twice.json()["errors"][0]["pointer"]
    assert "#/users/1/EwsEnable" == wrong.json()["errors"][0]["pointer"]
    assert [] == await administration.events(administration.sign_in.id_of("x"))


async def _undo_last_but(administration: Administration, user: User, number: int) -> Any:
    change = (await _changes(administration, user))[-1 - number]
    return await administration.call("POST", f"/changes/{change['id']}/undo", {})


async def _changes(administration: Administration, user: User) -> list[dict[str, Any]]:
    return [each for each in await _audit(administration) if each["user_id"] == str(user.id)]


async def _newest_change(administration: Administration) -> dict[str, Any]:
    return (await _audit(administration))[-1]


async def _audit(administration: Administration) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await administration.call("GET", f"/audit?limit=200{cursor}")).json()
        items += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    return items


async def test_a_number_that_no_plan_can_have_is_told(administration: Administration) -> None:
    answers = [
        await administration.call("GET", f"/plans/{number}") for number in (0, -1, 2**63, "one")
    ]

    assert {(422, "invalid")} == {problem(each) for each in answers}

"""SCIM 2.0: users are created, found, described, switched off and deleted by a provider."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from services.policy.app import build
from services.policy.settings import PolicySettings
from tests.component.kafka import eventually
from tests.component.policy.administration import Administration
from tests.component.policy.provisioning import (
    CORE,
    ENTERPRISE,
    LIST,
    TOKEN,
    Client,
    entra_user,
    id_of,
    is_allowed,
    okta_user,
    patch,
    refusal,
    somebody,
)
from tests.component.running import running, settings

UNKNOWN = "/Users/01a22c6f-0000-5000-8000-000000000000"


@pytest.fixture
def client(administration: Administration) -> Client:
    return Client(administration.service.http)


async def found(client: Client, query: str) -> list[str]:
    answer = await client.call("GET", f"/Users?filter={quote(query)}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert ([LIST], len(page["Resources"])) == (page["schemas"], page["totalResults"])
    return [each["userName"] for each in page["Resources"]]


async def test_a_user_of_entra_id_is_created_with_the_id_of_who_signs_in_by_that_name(
    administration: Administration, client: Client
) -> None:
    body = entra_user()
    answer = await client.call("POST", "/Users", body)
    user = answer.json()

    assert (201, "application/scim+json") == (answer.status_code, answer.headers["content-type"])
    location = f"http://bookwith.example/scim/v2/Users/{id_of(body['userName'])}"
    assert (location, location) == (answer.headers["location"], user["meta"]["location"])
    assert user["meta"]["version"] == answer.headers["etag"]
    assert {
        "schemas": [CORE],
        "id": str(id_of(body["userName"])),
        "externalId": body["externalId"],
        "userName": body["userName"],
        "displayName": "Agnes Ørsted",
        "active": True,
        "emails": [{"value": body["userName"], "type": "work", "primary": True}],
    } == {name: value for name, value in user.items() if name != "meta"}
    assert user == await client.read(user)
    assert ["AccessGranted"] == await administration.events(user["id"])
    listed = await administration.call("GET", f"/users?search={body['userName']}")
    assert ["scim"] == [each["source"] for each in listed.json()["items"]]


async def test_a_user_of_okta_is_created_without_keeping_the_password(
    administration: Administration, client: Client
) -> None:
    user = await client.created(okta_user(password="never-to-be-kept-17"))

    assert "Test User" == user["displayName"]
    assert "never-to-be-kept-17" not in json.dumps(user)
    assert [] == await administration.service.rows(
        "SELECT 1 FROM directory AS d WHERE d::text LIKE '%%never-to-be-kept-17%%'"
    )


async def test_who_has_no_display_name_is_called_by_the_parts_of_their_name(
    client: Client,
) -> None:
    body = okta_user()
    del body["displayName"]

    assert "Test User" == (await client.created(body))["displayName"]


OFF: dict[str, Any] = {
    "Entra ID: a text": {"op": "Replace", "path": "active", "value": "False"},
    "Entra ID: in an object": {"op": "Replace", "value": {"active": "False"}},
    "Entra ID: by add": {"op": "Add", "path": "active", "value": "False"},
    "Entra ID: a list of a value": {
        "op": "Replace",
        "path": "active",
        "value": [{"$ref": None, "value": "False"}],
    },
    "Okta: no path": {"op": "replace", "value": {"active": False}},
    "a flag": {"op": "replace", "path": "active", "value": False},
    "small letters": {"op": "replace", "path": "active", "value": "false"},
    "a path in capitals": {"op": "REPLACE", "path": "ACTIVE", "value": False},
    "a member in capitals": {"op": "replace", "value": {"Active": False}},
    "a whole path": {"op": "replace", "path": f"{CORE}:active", "value": False},
    "a whole path in capitals": {"op": "replace", "path": f"{CORE}:active".upper(), "value": False},
    "a whole path as member": {"op": "replace", "value": {f"{CORE}:active": False}},
    "the schema as member": {"op": "replace", "value": {CORE: {"active": False}}},
    "the schema as path": {"op": "replace", "path": CORE, "value": {"active": "False"}},
    "an object of the value": {"op": "replace", "path": "active", "value": {"value": False}},
    "an object of itself": {"op": "replace", "path": "active", "value": {"active": False}},
    "among others": {"op": "Replace", "value": {"title": "Gone", "name.givenName": "A",
                     'emails[type eq "work"].value': "a@b.example", "active": False}},
    "keys in capitals": {"OP": "Replace", "PATH": "active", "VALUE": False},
}  # fmt: skip


@pytest.mark.parametrize("form", OFF)
async def test_an_account_is_switched_off_in_whatever_form_that_is_sent(
    administration: Administration, client: Client, form: str
) -> None:
    user = await client.created()

    answer = await client.patch(user, OFF[form])

    assert (200, False) == (answer.status_code, answer.json()["active"]), answer.text
    assert False is (await client.read(user))["active"]
    assert not await is_allowed(administration, user)
    assert ["AccessGranted", "UserPolicyChanged", "AccessWithdrawn"] == (
        await administration.events(user["id"])
    )


NOT_UNDERSTOOD: dict[str, tuple[Any, str]] = {
    "active is no flag": ({"op": "replace", "path": "active", "value": "no"}, "invalidValue"),
    "active is a number": ({"op": "replace", "path": "active", "value": 0}, "invalidValue"),
    "active is null": ({"op": "replace", "path": "active", "value": None}, "invalidValue"),
    "active is two": (
        {"op": "replace", "path": "active", "value": [False, True]},
        "invalidValue",
    ),
    "active has no value": ({"op": "replace", "path": "active"}, "invalidValue"),
    "active is removed": ({"op": "remove", "path": "active"}, "invalidValue"),
    "a part of active": ({"op": "replace", "path": "active.value", "value": False}, "invalidPath"),
    "a selection of active": (
        {"op": "replace", "path": 'active[type eq "x"]', "value": False},
        "invalidPath",
    ),
    "an unknown attribute": ({"op": "replace", "path": "actives", "value": False}, "invalidPath"),
    "an unknown member": ({"op": "replace", "value": {"enabled": False}}, "invalidPath"),
    "an unknown schema": (
        {"op": "replace", "path": "urn:acme:User:active", "value": False},
        "invalidPath",
    ),
    "active of the other schema": (
        {"op": "replace", "path": f"{ENTERPRISE}:active", "value": False},
        "invalidPath",
    ),
    "no operation": ({"op": "disable", "path": "active", "value": False}, "invalidSyntax"),
    "no op": ({"path": "active", "value": False}, "invalidSyntax"),
    "another member": (
        {"op": "replace", "path": "active", "value": False, "when": "now"},
        "invalidSyntax",
    ),
    "no object": ("replace", "invalidSyntax"),
    "a path of a number": ({"op": "replace", "path": 7, "value": False}, "invalidPath"),
    "a broken selection": (
        {"op": "replace", "path": 'emails[type co "w"].value', "value": "a@b.c"},
        "invalidPath",
    ),
    "no such address": (
        {"op": "replace", "path": 'emails[value eq "a@b.c"].value', "value": "d@b.c"},
        "noTarget",
    ),
    "remove without a path": ({"op": "remove"}, "noTarget"),
    "a user name is removed": ({"op": "remove", "path": "userName"}, "invalidValue"),
    "the id": ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
    "a password": ({"op": "replace", "path": "password", "value": "x"}, "mutability"),
    "another person": ({"op": "replace", "path": "userName", "value": "x@y"}, "mutability"),
    "a blank user name": ({"op": "replace", "path": "userName", "value": " "}, "invalidValue"),
    "a control": ({"op": "replace", "path": "displayName", "value": "a\0b"}, "invalidValue"),
    "a long name": ({"op": "replace", "path": "displayName", "value": "x" * 257}, "invalidValue"),
    "a number as name": ({"op": "replace", "path": "displayName", "value": 7}, "invalidValue"),
    "a flag as title": ({"op": "replace", "path": "title", "value": True}, "invalidValue"),
    "nothing without a path": ({"op": "replace", "value": {}}, "invalidValue"),
    "a list without a path": ({"op": "replace", "value": [{"active": False}]}, "invalidValue"),
}


@pytest.mark.parametrize("form", NOT_UNDERSTOOD)
async def test_what_is_not_understood_is_refused_and_nothing_of_the_request_is_done(
    client: Client, form: str
) -> None:
    user = await client.created()
    operation, scim_type = NOT_UNDERSTOOD[form]

    answer = await client.patch(
        user, {"op": "replace", "path": "active", "value": False}, operation
    )

    assert (400, scim_type) == refusal(answer)
    assert user == await client.read(user)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"Operations": NaN}',
        b"\xff\xfe",
        b'{"userName": "\\ud800"}',
        b"[" * 20_000,
        b'{"a":' * 12 + b"1" + b"}" * 12,
        b'{"Operations":[{"op":"replace","path":"active","value":false}],"operations":[]}',
        b'{"Operations":[{"op":"replace","value":{"active":false,"ACTIVE":true}}]}',
        b'{"Operations":[]}',
        b'{"Operations":{"op":"replace","path":"active","value":false}}',
        b'{"schemas":["urn:x"],"Operations":[{"op":"replace","path":"active","value":false}]}',
        b'{"active":false}',
    ],
)
async def test_a_body_that_is_no_patch_is_refused(client: Client, body: bytes) -> None:
    user = await client.created()

    assert (400, "invalidSyntax") == refusal(
        await client.call("PATCH", f"/Users/{user['id']}", body)
    )
    assert user == await client.read(user)


async def test_too_many_operations_and_bodies_that_are_too_large_are_refused(
    client: Client,
) -> None:
    user = await client.created()
    off = {"op": "replace", "path": "active", "value": False}

    assert (400, "invalidSyntax") == refusal(await client.patch(user, *[off] * 101))
    large = await client.call("POST", "/Users", okta_user(title="x" * 70_000))
    assert (413, None) == refusal(large)
    assert user == await client.read(user)


async def test_names_and_addresses_are_patched_as_entra_id_sends_them(client: Client) -> None:
    user = await client.created()

    answer = await client.patch(
        user,
        {"op": "Replace", "path": "displayName", "value": "Agnes Lund"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "lund@bridges.example"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "1"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "5d48a0a8"},
        {"op": "Add", "path": 'emails[type eq "home"].value', "value": "home@bridges.example"},
        {"op": "Remove", "path": "externalId"},
    )

    changed = answer.json()
    assert (200, "Agnes Lund", "lund@bridges.example", None) == (
        answer.status_code,
        changed["displayName"],
        changed["emails"][0]["value"],
        changed.get("externalId"),
    )
    assert user["meta"]["version"] != changed["meta"]["version"]
    gone = await client.patch(user, {"op": "remove", "path": "emails"})
    assert "emails" not in gone.json()


async def test_an_account_that_is_switched_on_again_has_its_page_again(
    administration: Administration, client: Client
) -> None:
    user = await client.created(okta_user(active="False"))
    off = await is_allowed(administration, user)

    await client.patch(user, {"op": "replace", "value": {"active": "True"}})

    assert (False, True) == (off, await is_allowed(administration, user))


async def test_each_change_of_an_account_is_audited_as_scims(
    administration: Administration, client: Client
) -> None:
    user = await client.created()
    off = {"op": "replace", "path": "active", "value": False}
    await client.patch(user, off)
    await client.patch(user, off)
    await client.patch(user, {"op": "replace", "path": "displayName", "value": "Not in the log"})

    rows = await administration.service.rows(
        "SELECT data, metadata FROM events WHERE stream = %s ORDER BY version", f"user-{user['id']}"
    )
    assert 3 == len(rows)
    change = rows[1]["data"]
    assert ("scim", "SCIM", True, False) == (
        change["by"],
        change["reason"],
        change["before"]["active"],
        change["after"]["active"],
    )
    assert "scim" == rows[1]["metadata"]["actor"]
    assert "Not in the log" not in str(rows)
    assert user["userName"] not in str(rows)


async def test_what_scim_is_refused_is_in_the_audit_without_what_was_sent(
    administration: Administration, client: Client
) -> None:
    user = await client.created()
    word = somebody()

    await client.patch(user, {"op": "replace", "path": f'emails[value eq "{word}"]', "value": word})
    await client.patch(user, {"op": "replace", "path": word, "value": word})
    await client.patch(user, {"op": "replace", "path": "userName", "value": word})

    answer = await administration.call("GET", "/audit?who=scim&outcome=refused&order=newest")
    assert answer.status_code == 200, answer.text
    refused = answer.json()["items"][:3]
    assert {("scim", "scim")} == {(each["who"], each["origin"]["way"]) for each in refused}
    assert word not in json.dumps(refused)


async def test_a_user_is_replaced_as_okta_does_and_active_that_is_left_out_stays(
    client: Client,
) -> None:
    body = okta_user()
    user = await client.created(body)
    path = f"/Users/{user['id']}"
    off = await client.call("PUT", path, {**body, "id": user["id"], "active": False})
    rest = {"schemas": [CORE], "userName": user["userName"], "emails": None}

    replaced = await client.call("PUT", path, rest)

    assert (200, False) == (off.status_code, off.json()["active"])
    shown = replaced.json()
    assert (200, False) == (replaced.status_code, shown["active"])
    assert not {"displayName", "emails", "externalId"} & shown.keys()


@pytest.mark.parametrize(
    ("change", "scim_type"),
    [
        ({"userName": None}, "invalidValue"),
        ({"active": "maybe"}, "invalidValue"),
        ({"active": None}, "invalidValue"),
        ({"urn:acme:2.0:User": {"colour": "red"}}, "invalidPath"),
        ({"favouriteColour": "red"}, "invalidPath"),
        ({"schemas": ["urn:acme:2.0:User"]}, "invalidSyntax"),
        ({"emails": "a@b.c", "displayName": []}, "invalidValue"),
        ({"emails": [{"value": 7}]}, "invalidValue"),
        ({"emails": [{"colour": "red"}]}, "invalidValue"),
        ({"name": "Agnes"}, "invalidValue"),
        ({"phoneNumbers": [7]}, "invalidValue"),
        ({"addresses": [{}] * 101}, "invalidValue"),
        ({ENTERPRISE: "x"}, "invalidValue"),
    ],
)
async def test_a_user_that_is_not_understood_is_not_created(
    client: Client, change: dict[str, Any], scim_type: str
) -> None:
    body = {**okta_user(), **change}
    name = okta_user()["userName"] if body["userName"] is None else body["userName"]

    assert (400, scim_type) == refusal(await client.call("POST", "/Users", body))
    assert [] == await found(client, f'userName eq "{name}"')


async def test_a_name_is_taken_once_whatever_the_case(client: Client) -> None:
    user = await client.created()

    for name in (user["userName"], user["userName"].upper()):
        again = await client.call("POST", "/Users", entra_user(name))
        assert (409, "uniqueness") == refusal(again)
    same = await client.patch(
        user, {"op": "replace", "path": "userName", "value": user["userName"].upper()}
    )
    assert (200, user["userName"]) == (same.status_code, same.json()["userName"])


async def test_somebody_who_is_known_from_an_import_is_taken_over(
    administration: Administration, client: Client
) -> None:
    name = somebody()
    row = {"user": name, "display_name": "From the list", "EwsEnabled": False}
    await administration.call("PUT", "/users:import", {"users": [row], "reason": "List"})
    before = await found(client, f'userName eq "{name}"')

    user = await client.created(entra_user(name))

    assert ([], "Agnes Ørsted") == (before, user["displayName"])
    assert not await is_allowed(administration, user)  # the settings are as they were


async def test_filters_that_providers_send_find_their_users(client: Client) -> None:
    user, other = await client.created(), await client.created()
    name, external = user["userName"], user["externalId"]
    await client.patch(other, OFF["a flag"])

    assert {name} == {
        each
        for query in (
            f'userName eq "{name}"',
            f'USERNAME EQ "{name.upper()}"',
            f'externalId eq "{external}"',
            f'{CORE}:userName eq "{name}"',
            f'id eq "{user["id"]}"',
            f'emails[type eq "work"].value eq "{name}"',
            f'emails.value eq "{name}"',
            f'externalId eq "{external}" and userName eq "{name}"',
            f'userName eq "{name}" and active eq true',
            f'userName eq "{name}" and active eq "True"',
        )
        for each in await found(client, query) or ["nobody"]
    }
    for nobody in (
        'userName eq "nobody"',
        f'userName eq "{name}" and active eq false',
        f'userName eq "{name}" and userName eq "{other["userName"]}"',
        f'externalId eq "{external.upper()}"',
        'id eq "17"',
        'userName eq "%"',
    ):
        assert [] == await found(client, nobody)
    assert [other["userName"]] == await found(
        client, f'userName eq "{other["userName"]}" and active eq false'
    )


@pytest.mark.parametrize(
    "query",
    [
        "",
        "userName",
        'userName sw "a"',
        'userName co "a"',
        "userName pr",
        'userName eq "a" or userName eq "b"',
        'not (userName eq "a")',
        '(userName eq "a")',
        "userName eq a",
        "userName eq true",
        'userName eq "a',
        'userName eq "a" and',
        'title eq "a"',
        'colour eq "a"',
        'meta.lastModified gt "2011-05-13T04:42:34Z"',
        'active eq "off"',
        'emails[type eq "home"].value eq "a"',
        'userName eq "\\ud800"',
        'userName eq "\\u0000"',
        'userName eq "a"' + ' and userName eq "a"' * 5,
        'userName eq "' + "a" * 1000 + '"',
    ],
)
async def test_a_filter_that_is_not_supported_is_said_so(client: Client, query: str) -> None:
    answer = await client.call("GET", f"/Users?filter={quote(query)}")

    assert (400, "invalidFilter") == refusal(answer)


async def test_lists_are_paged_and_bounded(client: Client) -> None:
    made = [(await client.created())["id"] for _ in range(3)]
    whole = (await client.call("GET", "/Users?count=1")).json()
    total = whole["totalResults"]

    async def page(query: str) -> dict[str, Any]:
        answer = await client.call("GET", f"/Users?{query}")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    last = await page(f"startIndex={total - 2}&count=2")
    assert made[:2] == [each["id"] for each in last["Resources"]]
    assert (total, total - 2, 2) == (
        last["totalResults"],
        last["startIndex"],
        last["itemsPerPage"],
    )
    assert [] == (await page("count=0"))["Resources"]
    assert [] == (await page("count=-5"))["Resources"]
    assert 1 == (await page("startIndex=0&count=1"))["startIndex"]
    assert 1 == (await page("startIndex=-7&count=1"))["startIndex"]
    assert len((await page("count=100000"))["Resources"]) <= 200
    beyond = await page("startIndex=999999999999999999")
    assert ([], total) == (beyond["Resources"], beyond["totalResults"])
    for wrong in ("count=x", "startIndex=1.5", "count=", "sortBy=userName", "count=1&count=2"):
        assert (400, "invalidValue") == refusal(await client.call("GET", f"/Users?{wrong}"))


async def test_only_the_attributes_that_are_asked_for_are_shown(client: Client) -> None:
    user = await client.created()
    path = f"/Users/{user['id']}"

    some = (await client.call("GET", f"{path}?attributes=userName,{CORE}:active")).json()
    others = (await client.call("GET", f"{path}?excludedAttributes=emails")).json()

    assert {"schemas", "id", "meta", "userName", "active"} == some.keys()
    assert user.keys() - {"emails"} == others.keys()
    both = await client.call("GET", f"{path}?attributes=userName&excludedAttributes=emails")
    assert (400, "invalidValue") == refusal(both)
    assert (400, "invalidPath") == refusal(await client.call("GET", f"{path}?attributes=colour"))


async def test_a_version_that_is_not_the_newest_changes_nothing(client: Client) -> None:
    user = await client.created()
    path, old = f"/Users/{user['id']}", user["meta"]["version"]
    body = patch({"op": "replace", "path": "displayName", "value": "New"})
    first = await client.call("PATCH", path, body, If_Match=old)

    second = await client.call("PATCH", path, patch(OFF["a flag"]), If_Match=old)
    third = await client.call("DELETE", path, If_Match=old)
    fourth = await client.call("PUT", path, okta_user(user["userName"]), If_Match=old)

    assert 200 == first.status_code
    assert [(412, None)] * 3 == [refusal(second), refusal(third), refusal(fourth)]
    new = first.headers["etag"]
    known = await client.call("GET", path, If_None_Match=new)
    assert (304, b"") == (known.status_code, known.content)
    assert 204 == (await client.call("DELETE", path, If_Match=new)).status_code


async def test_a_deleted_user_is_off_forgotten_and_can_be_created_again(
    administration: Administration, client: Client
) -> None:
    user = await client.created()
    path = f"/Users/{user['id']}"

    gone = await client.call("DELETE", path)

    assert (204, b"") == (gone.status_code, gone.content)
    assert [(404, None)] * 4 == [
        refusal(await client.call(method, path, body))
        for method, body in (
            ("GET", None),
            ("DELETE", None),
            ("PATCH", patch(OFF["a flag"])),
            ("PUT", okta_user(user["userName"])),
        )
    ]
    assert [] == await found(client, f'userName eq "{user["userName"]}"')
    assert not await is_allowed(administration, user)
    assert [] == await administration.service.rows(
        "SELECT 1 FROM directory WHERE id = %s", user["id"]
    )
    again = await client.created(entra_user(user["userName"]))
    assert (user["id"], True) == (again["id"], await is_allowed(administration, again))


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
    ],
)
async def test_nobody_comes_in_without_the_token(
    administration: Administration, client: Client, header: dict[str, str]
) -> None:
    stranger = replace(client, headers=header)
    paths = [
        (method.upper(), path.removeprefix("/scim/v2").replace("{user_id}", "17"))
        for path, methods in (await administration.service.http.get("/openapi.json"))
        .json()["paths"]
        .items()
        for method in methods
        if path.startswith("/scim/")
    ]

    assert 11 == len(paths)
    for method, path in paths:
        answer = await stranger.call(method, path, b"{" if method != "GET" else None)
        assert (401, None) == refusal(answer), (method, path)
        assert "Bearer" == answer.headers["www-authenticate"]


async def test_an_administrators_token_opens_nothing_here_and_this_one_opens_nothing_else(
    administration: Administration, client: Client
) -> None:
    ada = replace(client, headers=administration.ada)

    assert (401, None) == refusal(await ada.call("GET", "/Users"))
    assert 401 == (await administration.call("GET", "/organization", by=client.headers)).status_code


async def test_the_older_of_two_tokens_is_taken_until_it_is_taken_out(client: Client) -> None:
    other = replace(client, headers={"Authorization": f"Bearer {'o' * 32}"})

    assert 200 == (await other.call("GET", "/Users?count=0")).status_code


async def test_what_the_service_can_do_is_told(client: Client) -> None:
    config = await client.call("GET", "/ServiceProviderConfig")
    types = (await client.call("GET", "/ResourceTypes")).json()
    schemas = (await client.call("GET", "/Schemas")).json()

    assert (200, "application/scim+json") == (config.status_code, config.headers["content-type"])
    can = config.json()
    assert (True, True, True, False, False, False) == tuple(
        can[name]["supported"]
        for name in ("patch", "filter", "etag", "bulk", "sort", "changePassword")
    )
    assert ([LIST], ["User"]) == (types["schemas"], [each["id"] for each in types["Resources"]])
    assert types["Resources"][0] == (await client.call("GET", "/ResourceTypes/User")).json()
    [schema] = schemas["Resources"]
    assert CORE == schema["id"]
    assert schema == (await client.call("GET", f"/Schemas/{CORE}")).json()
    assert ["userName", "displayName", "active", "emails"] == [
        each["name"] for each in schema["attributes"]
    ]
    for missing in ("/Schemas/urn:x", "/ResourceTypes/Group", "/Groups", "/Bulk", UNKNOWN):
        assert (404, None) == refusal(await client.call("GET", missing))
    assert (404, None) == refusal(await client.call("GET", "/Users/.search"))
    wrong = await client.call("DELETE", "/Users")
    assert ((405, None), "GET, HEAD, POST") == (refusal(wrong), wrong.headers["allow"])


async def test_a_body_that_is_no_json_is_415_and_plain_json_is_taken(client: Client) -> None:
    form = await client.call("POST", "/Users", b"a=b", Content_Type="text/plain")
    plain = await client.call("POST", "/Users", okta_user(), Content_Type="application/json")

    assert (415, None) == refusal(form)
    assert 201 == plain.status_code


@pytest.fixture
async def elsewhere(
    administration: Administration, request: pytest.FixtureRequest
) -> AsyncIterator[Client]:
    """A client of another process of the service, with the settings that the test gives."""
    held = settings(
        PolicySettings,
        administration.service.database.url,
        administration.service.kafka,
        administration.sign_in.issuer,
        **request.param,
    )
    async with running(build, held, "http") as process:
        yield Client(process.http)


@pytest.mark.parametrize("elsewhere", [{}], indirect=True)
async def test_without_the_setting_there_is_no_scim(elsewhere: Client) -> None:
    answer = await elsewhere.call("GET", "/Users")

    assert (401, None) == refusal(answer)
    assert "BOOKWITH_SCIM_TOKENS" in answer.json()["detail"]


@pytest.mark.parametrize(
    "elsewhere", [{"scim_tokens": TOKEN, "scim_identity": "externalId"}], indirect=True
)
async def test_the_external_id_names_the_person_where_the_settings_say_so(
    elsewhere: Client,
) -> None:
    body = okta_user()
    user = await elsewhere.created(body)
    renamed = somebody()
    change = {"op": "replace", "value": {"userName": renamed}}

    assert str(id_of(body["externalId"])) == user["id"]
    assert renamed == (await elsewhere.patch(user, change)).json()["userName"]
    other = {"op": "replace", "path": "externalId", "value": "another"}
    assert (400, "mutability") == refusal(await elsewhere.patch(user, other))
    second = await elsewhere.created()
    taken = await elsewhere.patch(second, {"op": "replace", "value": {"userName": renamed.upper()}})
    assert (409, "uniqueness") == refusal(taken)
    nobody = okta_user(externalId=None)
    assert (400, "invalidValue") == refusal(await elsewhere.call("POST", "/Users", nobody))


async def test_a_page_that_is_made_later_is_off_from_the_beginning(
    administration: Administration, client: Client
) -> None:
    """Somebody is provisioned, switched off, and signs in nevertheless for the first time."""
    person = administration.user()
    await client.created(okta_user(person.identity, active=False))

    await administration.other_services.publish(person.page_created())

    async def is_decided() -> bool:
        return "AccessWithdrawn" in await administration.events(person.id)

    await eventually(is_decided, "the decision")
    assert not await is_allowed(administration, {"id": str(person.id)})

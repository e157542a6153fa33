"""Whatever JSON a provisioning client sends: understood or refused, and never half done."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.component.policy.administration import Administration
from tests.component.policy.provisioning import CORE, ENTERPRISE, PATCH, SCIM, Client, okta_user

NAMES = (
    f"active ACTIVE {CORE}:active userName displayName name name.givenName emails title id path "
    f"emails.value schemas Operations op value Replace add remove False true {CORE} {ENTERPRISE} "
    f"{PATCH} $ref manager meta groups urn:x:y [ a.b.c"
)
SELECTIONS = ['emails[type eq "work"].value', "emails[primary eq true]", "", " ", "\0"]
TEXTS = st.sampled_from([*NAMES.split(" "), *SELECTIONS]) | st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=4)
)
OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove"]) | TEXTS},
    optional={"path": TEXTS, "value": ANY},
)
PATCHES = st.fixed_dictionaries({"schemas": st.just([PATCH]), "Operations": st.lists(OPERATION)})
USERS = st.dictionaries(TEXTS, ANY, max_size=4).map(lambda more: {**okta_user(), **more})
many = settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
async def user(administration: Administration) -> dict[str, Any]:
    return await Client(administration.service.http).created()


def flag_in(value: Any) -> bool | None:
    """Return what the value says as plainly as can be, None for every other one."""
    if isinstance(value, bool):
        return value
    plain = isinstance(value, str) and value.casefold() in ("true", "false")
    return value.casefold() == "true" if plain else None


@many
@given(body=PATCHES | ANY)
async def test_a_patch_is_understood_or_changes_nothing(
    administration: Administration, user: dict[str, Any], body: Any
) -> None:
    client = Client(administration.service.http)
    before = await client.read(user)

    answer = await client.call("PATCH", f"/Users/{user['id']}", body)

    assert answer.status_code in (200, 400, 409), answer.text
    after = await client.read(user)
    assert after == (answer.json() if answer.status_code == 200 else before)
    assert (user["id"], user["userName"]) == (after["id"], after["userName"])


@many
@given(path=st.sampled_from(["active", "Active", f"{CORE}:ACTIVE", None]), value=ANY)
async def test_a_patch_of_active_that_is_answered_with_200_has_switched_as_it_says(
    administration: Administration, user: dict[str, Any], path: str | None, value: Any
) -> None:
    client = Client(administration.service.http)
    said = {"op": "replace", "value": {"active": value} if path is None else value}
    operation = said if path is None else {**said, "path": path}
    await client.patch(user, {"op": "replace", "path": "active", "value": True})

    answer = await client.patch(user, operation)

    wanted, after = flag_in(value), await client.read(user)
    if wanted is not None:
        assert (200, wanted) == (answer.status_code, after["active"])
    if answer.status_code != 200:
        assert True is after["active"]


@many
@given(body=USERS | ANY)
async def test_a_user_is_understood_or_not_created(
    administration: Administration, body: Any
) -> None:
    client = Client(administration.service.http)

    answer = await client.call("POST", "/Users", body)

    assert answer.status_code in (201, 400, 409), answer.text
    if answer.status_code == 201:
        assert answer.json() == await client.read(answer.json())


@many
@given(query=st.text(max_size=40) | st.builds('{} {} "{}"'.format, TEXTS, TEXTS, TEXTS))
async def test_a_filter_is_understood_or_refused(
    administration: Administration, query: str
) -> None:
    http = administration.service.http
    headers = Client(http).headers
    answer = await http.get(f"{SCIM}/Users", params={"filter": query}, headers=headers)

    assert answer.status_code in (200, 400), answer.text

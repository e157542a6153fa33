"""Lists, licences and sharing policies over HTTP: each decides at once, and says so in words."""

from typing import Any

import pytest

from tests.component.policy.administration import Administration, problem

OURS = "MicrosoftOWSPersonalBookings"
DEFAULT = "/sharing-policies/Default Sharing Policy"
NOBODYS: dict[str, Any] = {
    "EwsApplicationAccessPolicy": None,
    "EwsAllowList": [],
    "EwsBlockList": [],
    "licence_default": True,
    "sharing_mode": "any_anonymous",
    "BookingsEnabled": None,
}


@pytest.fixture(autouse=True)
async def _as_at_first(administration: Administration) -> None:
    await administration.change("/organization", **NOBODYS)
    await administration.sharing(
        Domains=["Anonymous:CalendarSharingFreeBusyReviewer", "*:CalendarSharingFreeBusySimple"],
        Enabled=True,
    )


async def effective(administration: Administration, user: object) -> dict[str, Any]:
    answer = await administration.call("GET", f"/users/{user}/effective")
    found: dict[str, Any] = answer.json()
    return found


async def test_the_seeds_three_branches_turn_a_user_off_and_on_at_both_levels(
    administration: Administration,
) -> None:
    user = await administration.known()
    found = []
    for path in ("/organization", f"/users/{user.id}"):
        for change in (
            {"EwsApplicationAccessPolicy": "EnforceBlockList", "EwsBlockList": {"Add": [OURS]}},
            {"EwsBlockList": {"Remove": [OURS.lower()]}},
            {"EwsApplicationAccessPolicy": "EnforceAllowList"},
            {"EwsAllowList": {"add": [OURS, "Mail*"]}},
            {"EwsAllowList": {"remove": [OURS]}},
            {"EwsApplicationAccessPolicy": None},
        ):
            await administration.change(path, **change)
            seen = await effective(administration, user.id)
            found.append((seen["enabled"], seen["deciding_rule"]))

    lists, switch = "ews_application_access_policy", "ews_enabled"
    branches = [(False, lists), (True, lists), (False, lists), (True, lists), (False, lists)]
    assert [*branches, (True, switch)] * 2 == found


async def test_a_licence_decides_for_its_user_and_the_default_for_all_others(
    administration: Administration,
) -> None:
    held, other = await administration.known(), await administration.known()
    plan = {"plan": "Microsoft 365 E3", "assigned": True, "enabled": True}
    seen = await administration.change(f"/users/{held.id}", licence=plan)
    await administration.change("/organization", licence_default=False)

    assert plan == seen["licence"]
    by_default = await effective(administration, other.id)
    assert (False, ["licence"]) == (by_default["enabled"], by_default["denied_by"])
    assert (await effective(administration, held.id))["enabled"]
    await administration.change(f"/users/{held.id}", licence={**plan, "enabled": False})
    assert not (await effective(administration, held.id))["enabled"]
    await administration.change(f"/users/{held.id}", licence=None)
    await administration.change("/organization", licence_default=True)
    assert (await effective(administration, held.id))["enabled"]


async def test_the_sharing_policy_decides_as_its_mode_asks(administration: Administration) -> None:
    user = await administration.known()
    made = await administration.sharing("Partners", Domains=["*:CalendarSharingFreeBusySimple"])
    await administration.change(f"/users/{user.id}", sharing_policy="partners")
    closed = await effective(administration, user.id)
    await administration.change("/organization", sharing_mode="strict")
    strict = await effective(administration, user.id)
    await administration.change("/organization", sharing_mode="not_required")
    free = await effective(administration, user.id)
    await administration.change("/organization", sharing_mode="any_anonymous")
    opened = await administration.sharing(
        "PARTNERS", Domains={"Add": ["Anonymous:CalendarSharingFreeBusyDetail"]}
    )

    assert {
        "name": "Partners",
        "Domains": ["*:CalendarSharingFreeBusySimple"],
        "Enabled": True,
        "warnings": [],
    } == made
    assert (False, "Partners") == (closed["enabled"], closed["rules"][3]["value"])
    assert (True, True) == (strict["enabled"], free["enabled"])
    assert 2 == len(opened["Domains"])
    assert (await effective(administration, user.id))["enabled"]


async def test_a_missing_sharing_policy_is_404_and_a_user_cannot_be_given_one(
    administration: Administration,
) -> None:
    user = await administration.known()
    tag = (await administration.call("GET", f"/users/{user.id}")).headers["etag"]
    body = {"sharing_policy": "Nowhere", "reason": "A test"}

    missing = await administration.call("GET", "/sharing-policies/Nowhere")
    given = await administration.call("PATCH", f"/users/{user.id}", body, If_Match=tag)
    blind = await administration.call("PUT", DEFAULT, {"Enabled": False, "reason": "A test"})

    assert (404, "not-found") == problem(missing)
    assert (422, "invalid") == problem(given)
    [fault] = given.json()["errors"]
    assert "#/sharing_policy" == fault["pointer"]
    assert "Default Sharing Policy" in fault["detail"]
    assert (428, "precondition-required") == problem(blind)


async def test_the_verdict_is_explained_in_words_of_both_languages(
    administration: Administration,
) -> None:
    user = await administration.known(False)
    await administration.change(
        "/organization",
        EwsApplicationAccessPolicy="EnforceBlockList",
        EwsBlockList=["*Personal*"],
        BookingsEnabled=False,
    )

    seen = await effective(administration, user.id)

    english, danish = seen["explanation"]["en"], seen["explanation"]["da"]
    assert "EwsEnabled is off for the user." == english[0]
    assert f"*Personal*, which means {OURS}." in english[1]
    assert "EwsEnabled er slået fra for brugeren." == danish[0]
    assert "EwsEnabled, EwsApplicationAccessPolicy" in english[4]
    assert ["ews_enabled", "ews_application_access_policy"] == seen["denied_by"]
    assert any("Set-OrganizationConfig -EwsEnabled: $true" in line for line in english)
    assert any("BookingsEnabled" in line for line in danish)
    assert len(english) == len(danish)


async def test_the_state_of_a_moment_is_told_and_of_before_everything_too(
    administration: Administration,
) -> None:
    user = await administration.known()
    await administration.change(f"/users/{user.id}", reason="Away", EwsEnabled=False)
    [row] = await administration.service.rows(
        "SELECT time FROM events WHERE type = 'UserPolicyChanged' AND stream = %s",
        f"user-{user.id}",
    )
    await administration.change(f"/users/{user.id}", reason="Back", EwsEnabled=True)
    path = f"/users/{user.id}/effective?as_of="

    then = await administration.call("GET", path + row["time"].isoformat().replace("+", "%2B"))
    long_ago = await administration.call("GET", path + "2020-01-01T00:00:00Z")
    nonsense = await administration.call("GET", path + "yesterday")
    naive = await administration.call("GET", path + "2020-01-01T00:00:00")

    assert (False, "ews_enabled") == (then.json()["enabled"], then.json()["deciding_rule"])
    assert (True, 0) == (long_ago.json()["enabled"], long_ago.json()["policy_version"])
    assert (422, "invalid") == problem(nonsense) == problem(naive)


@pytest.mark.parametrize(
    ("path", "body", "pointer", "said"),
    [
        ("/organization", {"EwsAllowList": ["Mail", "**"]}, "#/EwsAllowList/1", "alone"),
        ("/organization", {"EwsBlockList": {"Add": ["*"]}}, "#/EwsBlockList/Add/0", "alone"),
        ("/organization", {"EwsBlockList": [""]}, "#/EwsBlockList/0", "empty"),
        ("/organization", {"EwsBlockList": {"Append": []}}, "#/EwsBlockList/Append", "no such"),
        (
            "/organization",
            {"EwsBlockList": {"Add": ["A"], "Remove": ["a"]}},
            "#/EwsBlockList/Remove",
            "both",
        ),
        (
            "/organization",
            {"EwsApplicationAccessPolicy": "EnforceAll"},
            "#/EwsApplicationAccessPolicy",
            "EnforceAllowList, EnforceBlockList",
        ),
        ("/organization", {"sharing_mode": "none"}, "#/sharing_mode", "any_anonymous, strict"),
        ("/organization", {"application_id": " "}, "#/application_id", "at least 1"),
        ("/organization", {"EwsBlockList": [f"A{n}" for n in range(1001)]}, "#/EwsBlockList",
         "1,001 entries; at most 1,000"),
        ("user", {"licence": {"plan": "E3"}}, "#/licence/assigned", "given"),
        ("user", {"mode": "both_must_allow"}, "#/mode", "no such"),
        ("user", {"EwsAllowList": "Mail"}, "#/EwsAllowList", ""),
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_is_answered_with_its_place_and_what_is_allowed(
    administration: Administration, path: str, body: dict[str, Any], pointer: str, said: str
) -> None:
    user = await administration.known()
    path = f"/users/{user.id}" if path == "user" else path
    answer = await administration.call("PATCH", path, {"reason": "A test", **body}, If_Match="*")

    assert (422, "invalid") == problem(answer)
    errors = {fault["pointer"]: fault["detail"] for fault in answer.json()["errors"]}
    assert pointer in errors, errors
    assert said in errors[pointer]


async def test_a_list_of_ten_thousand_is_refused(administration: Administration) -> None:
    body = {"EwsBlockList": [f"Application{number}" for number in range(10_000)], "reason": "x"}

    answer = await administration.call("PATCH", "/organization", body, If_Match="*")

    assert (413, "too-large") == problem(answer)


@pytest.mark.parametrize("entry", ["Anonymous", "Anonymous:Everything"])
async def test_an_entry_of_a_sharing_policy_that_cannot_be_taken_is_named(
    administration: Administration, entry: str
) -> None:
    body = {"Domains": ["*:ContactsSharing", entry], "reason": "A test"}

    answer = await administration.call("PUT", DEFAULT, body, If_Match="*")

    assert (422, "invalid") == problem(answer)
    assert "#/Domains/1" in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_a_token_for_another_audience_is_not_taken(administration: Administration) -> None:
    elsewhere = administration.sign_in.with_claims(
        sub="ada", roles=["administrator"], aud="elsewhere"
    )

    assert (401, "unauthenticated") == problem(
        await administration.call("GET", "/organization", by=elsewhere)
    )

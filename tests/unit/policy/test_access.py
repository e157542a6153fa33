"""The administrators' rules as tables."""

from dataclasses import replace
from itertools import product

import pytest
from pydantic import TypeAdapter

from services.policy.domain.access import (
    Access,
    Level,
    RuleVerdict,
    conclude,
    effective,
    ews_enabled,
)
from services.policy.domain.settings import Mode, OrganizationSettings, Policy, UserSettings

# organization, user, verdict, who decided it
BOTH_MUST_ALLOW: list[tuple[bool | None, bool | None, bool, Level]] = [
    (True, True, True, "user"),
    (True, None, True, "organization"),
    (True, False, False, "user"),
    (None, True, True, "user"),
    (None, None, True, "default"),
    (None, False, False, "user"),
    (False, True, False, "organization"),
    (False, None, False, "organization"),
    (False, False, False, "organization"),
]
USER_OVERRIDES_ORG: list[tuple[bool | None, bool | None, bool, Level]] = [
    (True, True, True, "user"),
    (True, None, True, "organization"),
    (True, False, False, "user"),
    (None, True, True, "user"),
    (None, None, True, "default"),
    (None, False, False, "user"),
    (False, True, True, "user"),
    (False, None, False, "organization"),
    (False, False, False, "user"),
]
TABLES: dict[Mode, list[tuple[bool | None, bool | None, bool, Level]]] = {
    "both_must_allow": BOTH_MUST_ALLOW,
    "user_overrides_org": USER_OVERRIDES_ORG,
}
SWITCH = (True, None, False)


@pytest.mark.parametrize(
    ("mode", "organization", "user", "verdict", "decided_by"),
    [(mode, *row) for mode, table in TABLES.items() for row in table],
)
def test_the_switches_decide_as_the_table_says(
    mode: Mode, organization: bool | None, user: bool | None, verdict: bool, decided_by: Level
) -> None:
    value = {"organization": organization, "user": user, "default": None}[decided_by]

    expected = RuleVerdict("ews_enabled", verdict, decided_by, value)
    assert expected == ews_enabled(organization, user, mode)


@pytest.mark.parametrize("mode", TABLES)
def test_the_tables_have_every_combination(mode: Mode) -> None:
    assert set(product(SWITCH, SWITCH)) == {row[:2] for row in TABLES[mode]}


def test_the_modes_differ_in_one_cell() -> None:
    differing = [
        cell
        for cell in product(SWITCH, SWITCH)
        if ews_enabled(*cell, "both_must_allow").verdict
        != ews_enabled(*cell, "user_overrides_org").verdict
    ]

    assert differing == [(False, True)]


@pytest.mark.parametrize(
    ("organization", "user", "enabled"),
    [
        (OrganizationSettings(), UserSettings(), True),
        (OrganizationSettings(ews_enabled=False), UserSettings(), False),
        (OrganizationSettings(), UserSettings(ews_enabled=False), False),
        (OrganizationSettings(False), UserSettings(True), False),
        (OrganizationSettings(False, "user_overrides_org"), UserSettings(True), True),
    ],
)
def test_the_effective_state_follows_the_settings_of_both(
    organization: OrganizationSettings, user: UserSettings, enabled: bool
) -> None:
    rule = ews_enabled(organization.ews_enabled, user.ews_enabled, organization.mode)
    access = effective(Policy(organization), user)

    assert (enabled, rule) == (access.enabled, access.rules[0])


def test_the_first_rule_that_denies_is_the_deciding_one() -> None:
    yes = RuleVerdict("ews_enabled", verdict=True, decided_by="default", value=None)
    no = replace(yes, verdict=False, decided_by="organization")
    too = replace(yes, verdict=False, decided_by="user")

    access = conclude(yes, no, too)

    assert (False, no) == (access.enabled, access.deciding)


def test_where_all_rules_allow_the_first_of_the_most_specific_level_was_deciding() -> None:
    default = RuleVerdict("ews_enabled", verdict=True, decided_by="default", value=None)
    first, second = (replace(default, decided_by="user", value=value) for value in ("1", "2"))
    organization = replace(default, decided_by="organization")

    assert first == conclude(default, organization, first, second).deciding
    assert organization == conclude(default, organization, default).deciding
    assert default == conclude(default, replace(default, rule="licence")).deciding


def test_all_rules_that_deny_are_named() -> None:
    yes = RuleVerdict("ews_enabled", verdict=True, decided_by="default", value=None)
    no = replace(yes, rule="licence", verdict=False)
    too = replace(yes, rule="sharing_policy", verdict=False)

    assert (no, too) == conclude(yes, no, too).denying
    assert () == conclude(yes).denying


def test_a_denied_users_access_can_be_sent_as_json_and_read_again() -> None:
    adapter = TypeAdapter(Access)
    access = effective(Policy(OrganizationSettings(ews_enabled=False)), UserSettings())

    assert access == adapter.validate_json(adapter.dump_json(access))

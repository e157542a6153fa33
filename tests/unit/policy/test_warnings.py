"""What an administrator is warned of."""

from dataclasses import replace

import pytest

from services.policy.domain.organization import OrganizationPatch
from services.policy.domain.patterns import ListChange
from services.policy.domain.settings import (
    APPLICATION_ID,
    OrganizationSettings,
    Policy,
    UserSettings,
)
from services.policy.domain.warnings import warning_of_lockout, warnings_of

EMPTY = OrganizationSettings()
ALLOW = OrganizationSettings(
    ews_application_access_policy="EnforceAllowList", ews_allow_list=("Mail", APPLICATION_ID)
)
LISTED = OrganizationSettings(ews_allow_list=("x",), ews_block_list=("x",))
ALLOW_AND_LISTED = replace(ALLOW, ews_block_list=("x",))
CHANGED = ListChange(add=("x",))


def codes(
    before: OrganizationSettings, after: OrganizationSettings, patch: OrganizationPatch
) -> list[str]:
    return [each.code for each in warnings_of(before, after, patch, APPLICATION_ID)]


def test_an_allow_list_that_comes_into_force_cuts_off_all_it_does_not_name() -> None:
    [warned] = warnings_of(EMPTY, ALLOW, {}, APPLICATION_ID)
    many = replace(ALLOW, ews_allow_list=tuple(f"A{number}" for number in range(7)))
    [of_many] = warnings_of(EMPTY, many, {}, APPLICATION_ID)
    [of_none] = warnings_of(EMPTY, replace(ALLOW, ews_allow_list=()), {}, APPLICATION_ID)

    assert "cuts_off_other_applications" == warned.code
    assert f"Mail, {APPLICATION_ID}." in warned.detail
    assert "A4 and 2 more." in of_many.detail
    assert "none." in of_none.detail


def test_an_application_taken_from_an_allow_list_in_force_is_cut_off_but_for_this_one() -> None:
    without_mail = replace(ALLOW, ews_allow_list=(APPLICATION_ID,))
    without_ours = replace(ALLOW, ews_allow_list=("Mail",))

    [warned] = warnings_of(ALLOW, without_mail, {"ews_allow_list": CHANGED}, APPLICATION_ID)

    assert "These applications are cut off: Mail." == warned.detail
    assert [] == codes(ALLOW, without_ours, {"ews_allow_list": CHANGED})
    assert [] == codes(ALLOW, ALLOW, {})


@pytest.mark.parametrize(
    ("after", "patch", "expected"),
    [
        (LISTED, {"ews_allow_list": CHANGED}, ["list_not_in_force"]),
        (LISTED, {"ews_block_list": CHANGED}, ["list_not_in_force"]),
        (ALLOW_AND_LISTED, {"ews_block_list": CHANGED}, ["list_not_in_force"]),
        (EMPTY, {"ews_block_list": ListChange(())}, []),  # emptied: nothing is kept
        (ALLOW, {"ews_allow_list": CHANGED}, []),
        (EMPTY, {}, []),
    ],
)
def test_a_list_whose_policy_is_not_in_force_is_kept_and_ignored(
    after: OrganizationSettings, patch: OrganizationPatch, expected: list[str]
) -> None:
    assert expected == codes(after, after, patch)


def test_a_warning_of_a_list_names_its_policy_and_the_one_in_force() -> None:
    [warned] = warnings_of(ALLOW, ALLOW_AND_LISTED, {"ews_block_list": CHANGED}, APPLICATION_ID)

    assert (
        "EwsBlockList is kept and ignored until EwsApplicationAccessPolicy is EnforceBlockList; "
        "it is EnforceAllowList."
    ) == warned.detail


def test_an_emptied_switch_of_the_organization_is_warned_of_and_a_users_is_not() -> None:
    on = OrganizationSettings(ews_enabled=True)

    assert ["organization_ews_enabled_empty"] == codes(on, EMPTY, {})
    assert [] == codes(EMPTY, EMPTY, {}) == codes(EMPTY, on, {})
    assert [] == warnings_of(UserSettings(True), UserSettings(), {}, APPLICATION_ID)


def test_who_locks_everybody_out_is_told() -> None:
    off = Policy(OrganizationSettings(ews_enabled=False))

    [warned] = warning_of_lockout(Policy(), off, losing=1200, remaining=0)
    [nobody] = warning_of_lockout(Policy(), off, losing=0, remaining=0)

    assert "locks_out_everyone" == warned.code
    assert "All 1,200 users" in warned.detail
    assert "Nobody" in nobody.detail
    assert [] == warning_of_lockout(Policy(), off, losing=5, remaining=1)
    assert [] == warning_of_lockout(Policy(), Policy(), losing=0, remaining=0)
    assert [] == warning_of_lockout(off, off, losing=0, remaining=0)

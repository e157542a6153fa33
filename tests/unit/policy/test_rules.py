"""The four rules together: every combination beside a table, and what holds for all of them."""

from dataclasses import replace
from itertools import product
from typing import Literal

import pytest
from hypothesis import assume
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.policy.domain.access import RuleVerdict, closes_all, conclude, effective
from services.policy.domain.patterns import ListChange
from services.policy.domain.settings import (
    APPLICATION_ID,
    INITIAL_SHARING,
    ApplicationPolicy,
    Licence,
    Mode,
    OrganizationSettings,
    Policy,
    SharingMode,
    SharingPolicy,
    UserSettings,
    domain_fault,
)

Cell = Literal["empty", "allow, listed", "allow, not listed", "block, listed", "block, not listed"]
CELLS: tuple[Cell, ...] = (
    "empty",
    "allow, listed",
    "allow, not listed",
    "block, listed",
    "block, not listed",
)
# Written down from the administrators' manual, a row for each of the user's, a letter for each of
# the organization's in the order of CELLS: o is on, x is off.
LISTS_TABLE = {
    "empty": "ooxxo",
    "allow, listed": "ooooo",
    "allow, not listed": "xxxxx",
    "block, listed": "xxxxx",
    "block, not listed": "ooooo",
}
# A row for each of the organization's true, empty, false; a letter for each of the user's.
SWITCH_TABLE = {
    "both_must_allow": ("oox", "oox", "xxx"),
    "user_overrides_org": ("oox", "oox", "oxx"),
}
SWITCH = (True, None, False)
SETTINGS: dict[Cell, tuple[ApplicationPolicy | None, bool]] = {
    "empty": (None, False),
    "allow, listed": ("EnforceAllowList", True),
    "allow, not listed": ("EnforceAllowList", False),
    "block, listed": ("EnforceBlockList", True),
    "block, not listed": ("EnforceBlockList", False),
}


def listed(cell: Cell) -> dict[str, object]:
    """Return the fields of either level that bring it into the cell."""
    policy, is_listed = SETTINGS[cell]
    entries = (APPLICATION_ID,) if is_listed else ("SomethingElse",)
    return {
        "ews_application_access_policy": policy,
        "ews_allow_list": entries if policy == "EnforceAllowList" else (),
        "ews_block_list": entries if policy == "EnforceBlockList" else (),
    }


@pytest.mark.parametrize(("mode", "on"), [("both_must_allow", 52), ("user_overrides_org", 65)])
def test_all_225_combinations_are_as_the_tables_say(mode: Mode, on: int) -> None:
    found, expected = [], []
    for (row, switch), (column, own_switch), (place, cell), own in product(
        enumerate(SWITCH), enumerate(SWITCH), enumerate(CELLS), CELLS
    ):
        everybody = OrganizationSettings(switch, mode, **listed(cell))  # type: ignore[arg-type]
        user = UserSettings(own_switch, **listed(own))  # type: ignore[arg-type]
        found.append(effective(Policy(everybody), user).enabled)
        expected.append(SWITCH_TABLE[mode][row][column] + LISTS_TABLE[own][place] == "oo")

    assert 225 == len(found)
    assert expected == found
    assert on == sum(found)


@pytest.mark.parametrize(
    ("everybody", "user", "verdict"),
    [
        # A list without its policy is kept and ignored, and so is the list of the other policy.
        ({"ews_block_list": (APPLICATION_ID,)}, {}, (True, "default", None, None)),
        (
            {"ews_application_access_policy": "EnforceAllowList"},
            {},
            (False, "organization", "EnforceAllowList", None),
        ),
        (
            {"ews_application_access_policy": "EnforceBlockList"},
            {},
            (True, "organization", "EnforceBlockList", None),
        ),
        (
            {
                "ews_application_access_policy": "EnforceBlockList",
                "ews_block_list": ("Other", "microsoftows*"),
            },
            {},
            (False, "organization", "EnforceBlockList", "microsoftows*"),
        ),
        # The user's list does not count under the organization's policy, nor the other way round.
        (
            {"ews_application_access_policy": "EnforceAllowList"},
            {"ews_allow_list": (APPLICATION_ID,)},
            (False, "organization", "EnforceAllowList", None),
        ),
        (
            {"ews_allow_list": (APPLICATION_ID,)},
            {"ews_application_access_policy": "EnforceAllowList"},
            (False, "user", "EnforceAllowList", None),
        ),
        (
            {"application_id": "Ours"},
            {"ews_application_access_policy": "EnforceAllowList", "ews_allow_list": ("OURS",)},
            (True, "user", "EnforceAllowList", "OURS"),
        ),
    ],
)
def test_the_list_of_the_policy_in_force_counts_at_its_level(
    everybody: dict[str, object], user: dict[str, object], verdict: tuple[object, ...]
) -> None:
    rule = effective(
        Policy(OrganizationSettings(**everybody)),  # type: ignore[arg-type]
        UserSettings(**user),  # type: ignore[arg-type]
    ).rules[1]

    assert "ews_application_access_policy" == rule.rule
    assert verdict == (rule.verdict, rule.decided_by, rule.value, rule.matched)


PLAN = "Microsoft 365 E3"


@pytest.mark.parametrize(
    ("licence", "default", "expected"),
    [
        (None, True, RuleVerdict("licence", True, "default", True)),
        (None, False, RuleVerdict("licence", False, "organization", False)),
        (Licence(PLAN, True, True), False, RuleVerdict("licence", True, "user", PLAN)),
        (Licence(PLAN, True, False), True, RuleVerdict("licence", False, "user", PLAN)),
        (Licence(PLAN, False, True), True, RuleVerdict("licence", False, "user", PLAN)),
    ],
)
def test_the_service_plan_is_assigned_and_enabled_or_the_default_counts(
    licence: Licence | None, default: bool, expected: RuleVerdict
) -> None:
    everybody = OrganizationSettings(licence_default=default)

    assert expected == effective(Policy(everybody), UserSettings(licence=licence)).rules[2]


ANONYMOUS = "Anonymous:CalendarSharingFreeBusy"


@pytest.mark.parametrize(
    ("mode", "default", "own", "expected"),
    [
        ("any_anonymous", INITIAL_SHARING.domains, None, (True, "default")),
        ("any_anonymous", (), None, (False, "organization")),
        ("any_anonymous", ("*:CalendarSharingFreeBusySimple",), None, (False, "organization")),
        ("any_anonymous", (f"{ANONYMOUS}Simple",), None, (True, "organization")),
        ("any_anonymous", (f"anonymous: ContactsSharing, {ANONYMOUS[10:]}detail",), None,
         (True, "organization")),
        ("any_anonymous", ("Anonymous:ContactsSharing",), None, (False, "organization")),
        ("any_anonymous", (), (f"{ANONYMOUS}Reviewer",), (True, "user")),
        ("any_anonymous", INITIAL_SHARING.domains, (), (False, "user")),
        ("strict", INITIAL_SHARING.domains, (), (True, "default")),
        ("strict", (f"{ANONYMOUS}Simple",), (f"{ANONYMOUS}Reviewer",), (False, "organization")),
        ("not_required", (), (), (True, "organization")),
    ],
)  # fmt: skip
def test_free_and_busy_may_be_shown_to_anybody_as_the_mode_asks(
    mode: SharingMode,
    default: tuple[str, ...],
    own: tuple[str, ...] | None,
    expected: tuple[bool, str],
) -> None:
    policies = [replace(INITIAL_SHARING, domains=default), SharingPolicy("Own", own or ())]
    policy = Policy(
        OrganizationSettings(sharing_mode=mode), {each.name.casefold(): each for each in policies}
    )
    user = UserSettings(sharing_policy=None if own is None else "OWN")

    rule = effective(policy, user).rules[3]

    assert expected == (rule.verdict, rule.decided_by)


def test_a_sharing_policy_that_is_off_or_missing_shares_nothing() -> None:
    off = {"default sharing policy": replace(INITIAL_SHARING, enabled=False)}

    assert not effective(Policy(sharing=off), UserSettings()).enabled
    assert not effective(Policy(), UserSettings(sharing_policy="Gone")).enabled


@pytest.mark.parametrize("bookings", SWITCH)
def test_the_switch_of_the_other_product_turns_no_page_off_or_on(bookings: bool | None) -> None:
    everybody = OrganizationSettings(bookings_enabled=bookings)

    assert effective(Policy(), UserSettings()) == effective(Policy(everybody), UserSettings())


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("Anonymous:CalendarSharingFreeBusyReviewer", False),
        ("*: CalendarSharingFreeBusySimple , ContactsSharing", False),
        ("Anonymous", True),
        (":ContactsSharing", True),
        ("Anonymous:,", True),
        ("Anonymous:Everything", True),
        ("a\nb:ContactsSharing", True),
        ("a" * 513 + ":ContactsSharing", True),
    ],
)
def test_an_entry_of_a_sharing_policy_is_a_domain_and_known_actions(
    entry: str, fault: bool
) -> None:
    assert fault == (domain_fault(entry) is not None)


def test_an_unknown_action_is_named_with_the_known_ones() -> None:
    said = str(domain_fault("Anonymous:Everything"))

    assert "'Everything'" in said
    assert "CalendarSharingFreeBusyReviewer" in said


def test_an_account_that_is_off_turns_its_user_off_and_no_other_setting_turns_them_on() -> None:
    access = effective(Policy(), UserSettings(ews_enabled=True, active=False))

    assert (False, "account") == (access.enabled, access.deciding.rule)
    assert ("user", False) == (access.deciding.decided_by, access.deciding.value)


def test_an_account_that_is_on_decides_nothing() -> None:
    access = effective(Policy(), UserSettings(ews_enabled=True))

    assert ("account", True, "default") == (
        access.rules[-1].rule,
        access.rules[-1].verdict,
        access.rules[-1].decided_by,
    )
    assert "ews_enabled" == access.deciding.rule


ENTRIES = st.sampled_from(
    [APPLICATION_ID, APPLICATION_ID.upper(), "Microsoft*", "*Bookings", "Other", "Z*", "*O*S*"]
)
LISTS = st.lists(ENTRIES, max_size=3).map(tuple)
POLICIES = st.sampled_from([None, "EnforceAllowList", "EnforceBlockList"])
LEVEL = {
    "ews_enabled": st.sampled_from(SWITCH),
    "ews_application_access_policy": POLICIES,
    "ews_allow_list": LISTS,
    "ews_block_list": LISTS,
}
DOMAINS = st.lists(st.sampled_from([*INITIAL_SHARING.domains, f"{ANONYMOUS}Simple"]), max_size=2)
SHARING = st.builds(SharingPolicy, st.just("Default Sharing Policy"), DOMAINS.map(tuple))
EVERYBODY = st.builds(
    Policy,
    st.builds(
        OrganizationSettings,
        **LEVEL,
        mode=st.sampled_from(["both_must_allow", "user_overrides_org"]),
        licence_default=st.booleans(),
        sharing_mode=st.sampled_from(["any_anonymous", "strict", "not_required"]),
    ),
    SHARING.map(lambda each: {each.name.casefold(): each}),
)
USERS = st.builds(
    UserSettings,
    **LEVEL,
    licence=st.none() | st.builds(Licence, st.just(PLAN), st.booleans(), st.booleans()),
    active=st.booleans(),
)


@for_all(EVERYBODY, USERS, ENTRIES, st.booleans())
def test_an_entry_more_on_a_block_list_turns_nobody_on(
    policy: Policy, user: UserSettings, entry: str, at_the_user: bool
) -> None:
    before = effective(policy, user).enabled
    settings = policy.settings
    if at_the_user:
        user = replace(user, ews_block_list=(*user.ews_block_list, entry))
    else:
        more = replace(settings, ews_block_list=(*settings.ews_block_list, entry))
        policy = replace(policy, settings=more)

    assert before or not effective(policy, user).enabled


@for_all(EVERYBODY, USERS, ENTRIES, st.booleans())
def test_an_entry_more_on_an_allow_list_turns_nobody_off(
    policy: Policy, user: UserSettings, entry: str, at_the_user: bool
) -> None:
    before = effective(policy, user).enabled
    settings = policy.settings
    if at_the_user:
        user = replace(user, ews_allow_list=(*user.ews_allow_list, entry))
    else:
        more = replace(settings, ews_allow_list=(*settings.ews_allow_list, entry))
        policy = replace(policy, settings=more)

    assert effective(policy, user).enabled or not before


@for_all(EVERYBODY, USERS)
def test_the_deciding_rule_reversed_changes_the_verdict_once_no_other_rule_denies(
    policy: Policy, user: UserSettings
) -> None:
    access = effective(policy, user)
    deciding = access.deciding
    reversed_alone = conclude(
        *(
            replace(rule, verdict=not rule.verdict) if rule == deciding else rule
            for rule in access.rules
        )
    )
    # Where several deny, none of them alone can change it: all that is needed is named.
    all_reversed = conclude(*(replace(rule, verdict=True) for rule in access.rules))

    assert access.enabled == deciding.verdict
    assert access.denying == tuple(rule for rule in access.rules if not rule.verdict)
    assert all_reversed.enabled
    if access.enabled or len(access.denying) == 1:
        assert access.enabled != reversed_alone.enabled
    else:
        assert deciding == access.denying[0]


@for_all(EVERYBODY, USERS)
def test_where_all_is_closed_no_setting_of_a_user_opens_a_page(
    policy: Policy, user: UserSettings
) -> None:
    assume(closes_all(policy))

    assert not effective(policy, user).enabled


@for_all(EVERYBODY)
def test_where_not_all_is_closed_some_setting_of_a_user_opens_a_page(policy: Policy) -> None:
    assume(not closes_all(policy))
    open_policy = SharingPolicy("Open", (f"{ANONYMOUS}Reviewer",))
    policy = replace(policy, sharing={**policy.sharing, "open": open_policy})
    best = UserSettings(
        ews_enabled=True,
        ews_application_access_policy="EnforceBlockList",
        licence=Licence(PLAN, True, True),
        sharing_policy="Open",
    )

    assert effective(policy, best).enabled


@for_all(LISTS, LISTS, LISTS)
def test_a_list_has_each_entry_once_and_none_of_those_removed(
    before: tuple[str, ...], added: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    after = ListChange(add=added, remove=removed).applied_to(before)
    keys = [entry.casefold() for entry in after]
    gone = {entry.casefold() for entry in removed}

    assert len(keys) == len(set(keys))
    assert {entry.casefold() for entry in (*before, *added)} - gone == set(keys)

"""One user under the policy: given what happened, when something is asked, then."""

from itertools import pairwise
from typing import Unpack, get_args
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.policy.domain import user
from services.policy.domain.access import Access, Level, RuleVerdict, effective
from services.policy.domain.patterns import ListChange
from services.policy.domain.refusals import ListTooLong, ReasonMissing
from services.policy.domain.settings import (
    Licence,
    Mode,
    OrganizationSettings,
    Policy,
    UserSettings,
)
from services.policy.domain.user import (
    AccessGranted,
    AccessWithdrawn,
    ChangeUserPolicy,
    DecideAccess,
    User,
    UserPatch,
    UserPolicyChanged,
)
from tests.specification import outcome, specification

ANNA = UUID("a44a0000-0000-5000-8000-000000000001")
EMPTY = UserSettings()
OFF = UserSettings(ews_enabled=False)
ON_LEAVE = "On leave until June"

decider = user.DECIDER
given = specification(decider)

BY_DEFAULT = Access(True, (RuleVerdict("ews_enabled", True, "default", None),))
BY_THE_USER = Access(True, (RuleVerdict("ews_enabled", True, "user", True),))
NOT_BY_THE_USER = Access(False, (RuleVerdict("ews_enabled", False, "user", False),))
NOT_BY_THE_ORGANIZATION = Access(False, (RuleVerdict("ews_enabled", False, "organization", False),))


def changed(before: UserSettings, after: UserSettings, reason: str = ON_LEAVE) -> UserPolicyChanged:
    return UserPolicyChanged(user_id=ANNA, before=before, after=after, by="ada", reason=reason)


def change(reason: str = ON_LEAVE, **patch: Unpack[UserPatch]) -> ChangeUserPolicy:
    return ChangeUserPolicy(user_id=ANNA, patch=patch, by="ada", reason=reason)


def decision(
    kind: type[AccessGranted | AccessWithdrawn], decided_by: Level
) -> AccessGranted | AccessWithdrawn:
    value = kind is AccessGranted if decided_by != "default" else None
    return kind(user_id=ANNA, rule="ews_enabled", decided_by=decided_by, value=value)


GRANTED = decision(AccessGranted, "default")
WITHDRAWN = decision(AccessWithdrawn, "user")
SWITCHED_OFF = changed(EMPTY, OFF)
SWITCH_OFF = change(ews_enabled=False)


def test_a_change_is_kept_with_the_settings_before_it_its_author_and_its_reason() -> None:
    given().when(SWITCH_OFF).then(
        UserPolicyChanged(
            user_id=ANNA, before=EMPTY, after=OFF, by="ada", reason="On leave until June"
        )
    )


def test_a_setting_is_emptied_by_none() -> None:
    given(SWITCHED_OFF).when(change("Back", ews_enabled=None)).then(changed(OFF, EMPTY, "Back"))


def test_a_setting_that_is_left_out_stays() -> None:
    given(SWITCHED_OFF).when(change()).then()


@pytest.mark.parametrize("reason", ["", " \t"])
def test_a_change_without_a_reason_is_refused(reason: str) -> None:
    given().when(change(reason, ews_enabled=False)).refused(ReasonMissing)


@pytest.mark.parametrize(
    ("access", "event"),
    [
        (BY_DEFAULT, decision(AccessGranted, "default")),
        (BY_THE_USER, decision(AccessGranted, "user")),
        (NOT_BY_THE_USER, decision(AccessWithdrawn, "user")),
        (NOT_BY_THE_ORGANIZATION, decision(AccessWithdrawn, "organization")),
    ],
)
def test_the_first_decision_always_causes_an_event(access: Access, event: user.Event) -> None:
    given().when(DecideAccess(ANNA, access)).then(event)


def test_a_change_of_settings_decides_nothing_by_itself() -> None:
    assert decider.fold([SWITCHED_OFF]) == User(OFF, enabled=None)
    assert decider.fold([GRANTED, SWITCHED_OFF]) == User(OFF, enabled=True)


def test_access_is_withdrawn_and_granted_again() -> None:
    given(GRANTED).when(DecideAccess(ANNA, NOT_BY_THE_USER)).then(WITHDRAWN)
    given(GRANTED, WITHDRAWN).when(DecideAccess(ANNA, BY_DEFAULT)).then(GRANTED)


def test_another_reason_for_the_same_access_causes_no_event() -> None:
    given(GRANTED).when(DecideAccess(ANNA, BY_THE_USER)).then()
    given(WITHDRAWN).when(DecideAccess(ANNA, NOT_BY_THE_ORGANIZATION)).then()


STATES = {
    "new": decider.initial,
    "granted": decider.fold([GRANTED]),
    "off and withdrawn": decider.fold([SWITCHED_OFF, WITHDRAWN]),
    "off, not decided": decider.fold([SWITCHED_OFF]),
}
COMMANDS: dict[str, user.Command] = {
    "switch off": SWITCH_OFF,
    "empty": change("Back", ews_enabled=None),
    "allow": DecideAccess(ANNA, BY_DEFAULT),
    "deny": DecideAccess(ANNA, NOT_BY_THE_USER),
}
OUTCOMES: dict[str, dict[str, list[type]]] = {
    "new": {
        "switch off": [UserPolicyChanged],
        "empty": [],
        "allow": [AccessGranted],
        "deny": [AccessWithdrawn],
    },
    "granted": {
        "switch off": [UserPolicyChanged],
        "empty": [],
        "allow": [],
        "deny": [AccessWithdrawn],
    },
    "off and withdrawn": {
        "switch off": [],
        "empty": [UserPolicyChanged],
        "allow": [AccessGranted],
        "deny": [],
    },
    "off, not decided": {
        "switch off": [],
        "empty": [UserPolicyChanged],
        "allow": [AccessGranted],
        "deny": [AccessWithdrawn],
    },
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", STATES)
def test_every_command_in_every_state_causes_these_events(state: str, command: str) -> None:
    assert OUTCOMES[state][command] == outcome(decider, STATES[state], COMMANDS[command])


@for_all(
    st.lists(
        st.tuples(
            st.sampled_from([True, None, False]),
            st.sampled_from([True, None, False]),
            st.sampled_from(get_args(Mode)),
        ),
        min_size=1,
    )
)
def test_the_last_decision_holds_and_the_log_only_has_changes(
    settings: list[tuple[bool | None, bool | None, Mode]],
) -> None:
    state, log = decider.initial, []
    for organization_switch, user_switch, mode in settings:
        access = effective(
            Policy(OrganizationSettings(organization_switch, mode)), UserSettings(user_switch)
        )
        for event in user.decide(state, DecideAccess(ANNA, access)):
            log.append(type(event))
            state = user.evolve(state, event)

        assert access.enabled == state.enabled

    assert all(before != after for before, after in pairwise(log))


def test_a_decision_keeps_the_version_of_the_policy_that_it_was_made_by() -> None:
    given().when(DecideAccess(ANNA, BY_DEFAULT, 7)).then(
        AccessGranted(
            user_id=ANNA, rule="ews_enabled", decided_by="default", value=None, policy_version=7
        )
    )


def test_lists_licence_and_sharing_policy_are_changed_each_by_itself() -> None:
    held = Licence(plan="Office 365 E3", assigned=True, enabled=False)
    listed = given().when(change(ews_block_list=ListChange(add=("One", "Two"))))
    more = UserSettings(ews_block_list=("One", "Two"), licence=held, sharing_policy="Closed")

    listed.then(changed(EMPTY, UserSettings(ews_block_list=("One", "Two"))))
    given(changed(EMPTY, UserSettings(ews_block_list=("One",)))).when(
        change(
            ews_block_list=ListChange(add=("Two",)),
            licence=held,
            sharing_policy="Closed",
        )
    ).then(changed(UserSettings(ews_block_list=("One",)), more))


def test_a_list_that_would_be_too_long_is_refused_with_its_name() -> None:
    long = tuple(f"Application{number}" for number in range(1001))
    refusal = given().when(change(ews_allow_list=ListChange(long))).refused(ListTooLong)

    assert "1,001" in str(refusal)
    assert "/EwsAllowList" == refusal.pointer
    assert 1 == len(given().when(change(ews_allow_list=ListChange(long[:1000]))).events or ())


@pytest.mark.parametrize("event", [SWITCHED_OFF, GRANTED, WITHDRAWN])
def test_events_can_be_stored_as_json(event: user.Event) -> None:
    adapter: TypeAdapter[user.Event] = TypeAdapter(type(event))

    assert event == adapter.validate_json(adapter.dump_json(event))


def test_every_kind_of_event_was_stored_as_json_above() -> None:
    assert set(get_args(user.Event)) == {
        type(event) for event in (SWITCHED_OFF, GRANTED, WITHDRAWN)
    }

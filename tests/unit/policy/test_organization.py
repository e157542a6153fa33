"""The organization's policy: given what happened, when it is changed, then."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.policy.domain import organization
from services.policy.domain.organization import (
    ChangeOrganizationPolicy,
    ChangeSharingPolicy,
    OrganizationPatch,
    OrganizationPolicyChanged,
    SharingPatch,
    SharingPolicyChanged,
)
from services.policy.domain.patterns import ListChange
from services.policy.domain.refusals import ListTooLong, ReasonMissing
from services.policy.domain.settings import (
    DEFAULT_SHARING_POLICY,
    INITIAL_SHARING,
    OrganizationSettings,
    SharingPolicy,
)
from tests.specification import specification

ADA = "ada"
PILOT_OVER = "The pilot is over"

decider = organization.DECIDER
given = specification(decider)

OFF = OrganizationSettings(ews_enabled=False)


def changed(
    before: OrganizationSettings, after: OrganizationSettings, *, closes_all: bool = False
) -> OrganizationPolicyChanged:
    return OrganizationPolicyChanged(
        before=before, after=after, by=ADA, reason=PILOT_OVER, closes_all=closes_all
    )


EMPTY = OrganizationSettings()
SWITCHED_OFF = changed(EMPTY, OFF, closes_all=True)


def change(reason: str = PILOT_OVER, **patch: Any) -> ChangeOrganizationPolicy:
    """Return Ada's change of some settings."""
    fields: OrganizationPatch = patch  # type: ignore[assignment]  # a test may leave any out
    return ChangeOrganizationPolicy(patch=fields, by=ADA, reason=reason)


def test_nothing_is_set_at_first() -> None:
    initial = decider.initial

    assert OrganizationSettings(ews_enabled=None, mode="both_must_allow") == initial.settings
    assert INITIAL_SHARING == initial.sharing_policy(None)


def test_a_change_is_kept_with_the_settings_before_it_its_author_and_its_reason() -> None:
    given().when(change(ews_enabled=False)).then(
        OrganizationPolicyChanged(
            before=OrganizationSettings(),
            after=OFF,
            by="ada",
            reason="The pilot is over",
            closes_all=True,
        )
    )


def test_settings_that_are_left_out_stay() -> None:
    given(SWITCHED_OFF).when(change(mode="user_overrides_org")).then(
        changed(OFF, OrganizationSettings(False, "user_overrides_org"))
    )


def test_a_setting_is_emptied_by_none() -> None:
    given(SWITCHED_OFF).when(change(ews_enabled=None)).then(changed(OFF, EMPTY))


@pytest.mark.parametrize(
    "patch",
    [{}, {"ews_enabled": False}, {"mode": "both_must_allow"}],
    ids=["nothing", "the same switch", "the same mode"],
)
def test_asking_for_what_already_is_changes_nothing(patch: dict[str, Any]) -> None:
    given(SWITCHED_OFF).when(change(**patch)).then()


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_change_without_a_reason_is_refused(reason: str) -> None:
    refusal = given().when(change(reason, ews_enabled=False)).refused(ReasonMissing)

    assert "Say why" in str(refusal)
    assert refusal.pointer == "/reason"


def share(reason: str = PILOT_OVER, name: str = "Closed", **patch: Any) -> ChangeSharingPolicy:
    """Return Ada's change of a sharing policy."""
    fields: SharingPatch = patch  # type: ignore[assignment]  # a test may leave any out
    return ChangeSharingPolicy(name=name, patch=fields, by=ADA, reason=reason)


def shared(
    before: SharingPolicy | None, after: SharingPolicy, *, closes_all: bool = False
) -> SharingPolicyChanged:
    return SharingPolicyChanged(
        before=before, after=after, by=ADA, reason=PILOT_OVER, closes_all=closes_all
    )


CLOSED = SharingPolicy("Closed")


def test_a_sharing_policy_of_a_new_name_is_made() -> None:
    given().when(share()).then(shared(None, CLOSED))
    given(shared(None, CLOSED)).when(share()).then()
    assert {INITIAL_SHARING, CLOSED} == {*decider.fold([shared(None, CLOSED)]).sharing.values()}


def test_a_sharing_policys_domains_and_switch_are_changed_each_by_itself() -> None:
    off = replace(INITIAL_SHARING, enabled=False)
    less = replace(off, domains=INITIAL_SHARING.domains[1:])
    removed = ListChange(remove=INITIAL_SHARING.domains[:1])

    given().when(share(name="default sharing POLICY", enabled=False)).then(
        shared(INITIAL_SHARING, off)
    )
    given(shared(INITIAL_SHARING, off)).when(
        share(name=DEFAULT_SHARING_POLICY, domains=removed)
    ).then(shared(off, less))


def test_a_change_of_a_sharing_policy_needs_a_reason_and_has_an_end() -> None:
    long = ListChange(tuple(f"partner{number}.example:ContactsSharing" for number in range(1001)))

    given().when(share("")).refused(ReasonMissing)
    assert "/Domains" == given().when(share(domains=long)).refused(ListTooLong).pointer


def test_the_event_says_whether_nobody_may_have_a_page_from_now_on() -> None:
    overridden = OrganizationSettings(False, "user_overrides_org")
    strict = OrganizationSettings(sharing_mode="strict")
    off = replace(INITIAL_SHARING, enabled=False)

    given().when(change(ews_enabled=False, mode="user_overrides_org")).then(
        changed(EMPTY, overridden)
    )
    given(changed(EMPTY, overridden)).when(change(mode="both_must_allow")).then(
        changed(overridden, OFF, closes_all=True)
    )
    given(changed(EMPTY, strict)).when(share(name=DEFAULT_SHARING_POLICY, enabled=False)).then(
        shared(INITIAL_SHARING, off, closes_all=True)
    )
    given().when(share(name=DEFAULT_SHARING_POLICY, enabled=False)).then(
        shared(INITIAL_SHARING, off)
    )


def test_lists_are_replaced_or_changed_by_entry_and_policies_are_set() -> None:
    listed = OrganizationSettings(ews_allow_list=("One", "Two"))

    given().when(change(ews_allow_list=ListChange(("One", "Two")))).then(changed(EMPTY, listed))
    given(changed(EMPTY, listed)).when(
        change(
            ews_allow_list=ListChange(add=("Three", "ONE"), remove=("two",)),
            ews_application_access_policy="EnforceAllowList",
        )
    ).then(
        changed(
            listed,
            OrganizationSettings(
                ews_application_access_policy="EnforceAllowList", ews_allow_list=("One", "Three")
            ),
        )
    )


def test_a_list_that_would_be_too_long_is_refused_with_its_name() -> None:
    long = ListChange(add=tuple(f"Application{number}" for number in range(1001)))

    assert "/EwsBlockList" == (
        given().when(change(ews_block_list=long)).refused(ListTooLong).pointer
    )


@pytest.mark.parametrize("event", [SWITCHED_OFF, shared(None, CLOSED)])
def test_events_can_be_stored_as_json(event: organization.Event) -> None:
    adapter: TypeAdapter[organization.Event] = TypeAdapter(type(event))

    assert event == adapter.validate_json(adapter.dump_json(event))


def test_an_event_that_was_stored_before_there_were_lists_is_read_with_empty_ones() -> None:
    stored = (
        '{"before": {"ews_enabled": null, "mode": "both_must_allow"},'
        ' "after": {"ews_enabled": false, "mode": "both_must_allow"}, "by": "ada", "reason": "x"}'
    )

    read = TypeAdapter(OrganizationPolicyChanged).validate_json(stored)

    assert (EMPTY, OFF, False) == (read.before, read.after, read.closes_all)

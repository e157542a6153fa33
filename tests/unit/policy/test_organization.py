"""The organization's policy: given what happened, when it is changed, then."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from services.policy.domain import organization
from services.policy.domain.access import OrganizationSettings
from services.policy.domain.organization import (
    ChangeOrganizationPolicy,
    OrganizationPatch,
    OrganizationPolicyChanged,
)
from services.policy.domain.refusals import ReasonMissing
from tests.specification import specification

ADA = "ada"
PILOT_OVER = "The pilot is over"

decider = organization.DECIDER
given = specification(decider)

OFF = OrganizationSettings(ews_enabled=False)


def changed(before: OrganizationSettings, after: OrganizationSettings) -> OrganizationPolicyChanged:
    return OrganizationPolicyChanged(before=before, after=after, by=ADA, reason=PILOT_OVER)


SWITCHED_OFF = changed(decider.initial, OFF)


def change(reason: str = PILOT_OVER, **patch: Any) -> ChangeOrganizationPolicy:
    """Return Ada's change of some settings."""
    fields: OrganizationPatch = patch  # type: ignore[assignment]  # a test may leave any out
    return ChangeOrganizationPolicy(patch=fields, by=ADA, reason=reason)


def test_nothing_is_set_at_first() -> None:
    assert OrganizationSettings(ews_enabled=None, mode="both_must_allow") == decider.initial


def test_a_change_is_kept_with_the_settings_before_it_its_author_and_its_reason() -> None:
    given().when(change(ews_enabled=False)).then(
        OrganizationPolicyChanged(
            before=OrganizationSettings(), after=OFF, by="ada", reason="The pilot is over"
        )
    )


def test_settings_that_are_left_out_stay() -> None:
    given(SWITCHED_OFF).when(change(mode="user_overrides_org")).then(
        changed(OFF, OrganizationSettings(False, "user_overrides_org"))
    )


def test_a_setting_is_emptied_by_none() -> None:
    given(SWITCHED_OFF).when(change(ews_enabled=None)).then(changed(OFF, decider.initial))


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


def test_events_can_be_stored_as_json() -> None:
    adapter = TypeAdapter(OrganizationPolicyChanged)

    assert adapter.validate_json(adapter.dump_json(SWITCHED_OFF)) == SWITCHED_OFF

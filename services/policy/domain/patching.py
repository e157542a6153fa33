"""Settings after a change: what is left out stays, lists are changed entry by entry."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from services.policy.domain.patterns import ListChange
from services.policy.domain.refusals import refuse_long
from services.policy.domain.settings import OrganizationSettings, UserSettings

S = TypeVar("S", OrganizationSettings, UserSettings)


def patched(settings: S, patch: Mapping[str, object]) -> S:
    """Return the settings after the patch; raise ListTooLong."""
    changes = {
        name: refuse_long(name, change.applied_to(getattr(settings, name)))
        if isinstance(change, ListChange)
        else change
        for name, change in patch.items()
    }
    return replace(settings, **changes)  # type: ignore[arg-type]  # a patch has the settings' types

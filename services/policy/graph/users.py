"""Users as Graph tells of them: only what has changed, so whatever is left out stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.chassis.text.typed import trimmed
from services.policy.domain.settings import Licence
from services.policy.graph.client import GraphAway

SELECTED = "id,userPrincipalName,displayName,mail,accountEnabled,assignedPlans"
LONGEST = 256
# Of a plan that is paid for; the others are suspended, locked out or deleted.
_GOOD = frozenset({"enabled", "warning"})


class AssignedPlan(BaseModel):
    """A service plan that a user has, or had."""

    plan: str = Field(alias="servicePlanId")
    status: str = Field(alias="capabilityStatus")


class Removed(BaseModel):
    """Why a user is gone: `changed` can be restored for 30 days, `deleted` cannot."""

    reason: Literal["changed", "deleted"] = "deleted"


class GraphUser(BaseModel):
    """A user of the tenant; `None` is left out, or empty."""

    model_config = ConfigDict(strict=True)

    id: str = Field(min_length=1, max_length=LONGEST)
    name: str | None = Field(default=None, alias="userPrincipalName", max_length=LONGEST)
    display_name: str | None = Field(default=None, alias="displayName")
    mail: str | None = None
    enabled: bool | None = Field(default=None, alias="accountEnabled")
    plans: list[AssignedPlan] | None = Field(default=None, alias="assignedPlans")
    removed: Removed | None = Field(default=None, alias="@removed")

    def licence(self, plan: str) -> Licence | None:
        """Return what is told of the plan; None where nothing is told of plans."""
        if self.plans is None:
            return None
        states = {
            each.status.casefold() for each in self.plans if each.plan.casefold() == plan.casefold()
        } - {"deleted"}
        return Licence(plan, bool(states), bool(states & _GOOD))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of changes: where it goes on, and whether that is only when more has changed."""

    users: Sequence[GraphUser]
    link: str
    is_last: bool


def page_of(answer: Mapping[str, Any]) -> Page:
    """Return the page; raise GraphAway for what Graph does not answer."""
    links = [answer.get(f"@odata.{name}") for name in ("nextLink", "deltaLink")]
    told = [each for each in links if isinstance(each, str)]
    value = answer.get("value")
    if len(told) != 1 or not isinstance(value, list):
        raise GraphAway("no page of changes")
    try:
        users = [GraphUser.model_validate(each) for each in value]
    except ValidationError as fault:
        raise GraphAway("a user that cannot be read") from fault
    return Page(users, told[0], is_last=links[1] is not None)


def shown(text: str | None) -> str | None:
    """Return a text as the directory keeps it."""
    kept = trimmed("".join(each for each in text or "" if each.isprintable()))[:LONGEST]
    return kept or None

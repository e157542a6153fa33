"""Keys of forms behind a sign-in: for one action of one person in one session."""

from collections.abc import Mapping

from contracts.capabilities import Capability
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal

PREFIX = "bwf"
FIELD = "form"


class FormFromBefore(Exception):
    """The form was made in a session that has ended since, or for something else."""

    def __init__(self, principal: Principal, typed: Mapping[str, str]) -> None:
        super().__init__("the form is from another session")
        self.principal = principal
        self.typed = typed


def session_key(keys: KeyRing, principal: Principal, action: str) -> str:
    """Return the key of the form with which this person, in this session, does this."""
    return keys.issue(_purpose(principal, action), principal.id)


def check_session(
    keys: KeyRing, fields: Mapping[str, str], principal: Principal, action: str
) -> None:
    """Raise FormFromBefore unless the form was made for this person, session and action."""
    grant = keys.read(_purpose(principal, action), fields.get(FIELD, ""))
    if not principal.session or grant is None or grant.id != principal.id:
        raise FormFromBefore(principal, fields)


def _purpose(principal: Principal, action: str) -> Capability:
    return Capability(PREFIX, f"session-{principal.session}-{action}")

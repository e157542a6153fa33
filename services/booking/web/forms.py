"""Forms of the pages: their keys, their fields, and the cookies that browsers keep."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from contracts.capabilities import Capability
from contracts.problem_types import INVALID
from services.booking.budgets import MARK, fresh_mark, mark_in
from services.chassis.http import form_fields, instants
from services.chassis.http.form_fields import not_ours
from services.chassis.http.problems import Problem
from services.chassis.identity import form_keys
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.ids import moment_of, new_id
from services.chassis.sign_in.forms import fields_sent

LINK, MANAGE, HOLD = "bw_link", "bw_manage", "bw_hold"
KEPT_SECONDS = 3600
# A booked meeting can be looked at again for a month after the last look.
BOOKED_SECONDS = 30 * 24 * 3600
# Says that this browser keeps cookies, and tells it from the others of its network.
MARK_SECONDS = 24 * 3600
PREFIX = "bwf"
FIELD = "form"
# When the form was shown; what a person leaves empty; the answer to what a machine has to compute.
SHOWN, TRAP, PROOF = "shown", "more", "proof"


class ProofOfWork(Protocol):
    """Work that a sender of many forms would feel; there is none by default.

    Who adds one shows the challenge in the form and lets a script put the answer into `proof`.
    """

    def challenge(self, booking_id: UUID) -> str:
        """Return what the form's sender has to work on."""

    def accepts(self, booking_id: UUID, answer: str) -> bool:
        """Tell whether the work was done."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What a form carries against machines that fill it in."""

    shown: str
    challenge: str | None


class Forms:
    """The keys that forms carry: no other site can make them."""

    def __init__(
        self, keys: KeyRing, minimum_seconds: float = 0, proof: ProofOfWork | None = None
    ) -> None:
        """A form that comes back within `minimum_seconds` was not filled in by a person."""
        self._keys = keys
        self._minimum = timedelta(seconds=minimum_seconds)
        self._proof = proof

    def mark(self, request: Request) -> str:
        """Return the browser's mark, or one for it to keep."""
        if mark_in(self._keys, request):
            return request.cookies[MARK]
        return fresh_mark(self._keys)

    def guards(self, booking_id: UUID, *, begun: UUID | None = None) -> Guards:
        """Return what a form carries against machines; `begun` is an id made when it was begun."""
        shown = self._keys.issue(_purpose(f"shown-{booking_id}"), begun or new_id())
        return Guards(shown, self._proof.challenge(booking_id) if self._proof else None)

    def why_not_a_person(self, fields: dict[str, str], booking_id: UUID) -> str | None:
        """Return the key of the phrase that says what a machine would have done, if it looks so."""
        shown = self._keys.read(_purpose(f"shown-{booking_id}"), fields.get(SHOWN, ""))
        if fields.get(TRAP):
            return "fault.trap"
        if shown is None or datetime.now(UTC) - moment_of(shown.id) < self._minimum:
            return "fault.quick"
        if self._proof and not self._proof.accepts(booking_id, fields.get(PROOF, "")):
            return "fault.proof"
        return None

    def fresh(self) -> str:
        """Return the key of a form that reserves: one rendered form, one booking for each time."""
        return self._keys.issue(_purpose("choose"), new_id())

    def booking_id(self, key: str, place: str, start: datetime) -> UUID:
        """Return the id of the booking that the form makes: the same if it is sent again.

        It is derived from the key, which nobody else has: nobody can aim at another's booking.
        """
        grant = self._keys.read(_purpose("choose"), key)
        if grant is None:
            raise not_ours()
        drawn = hashlib.sha256(f"{key}\n{place}\n{start.isoformat()}".encode()).digest()
        return _version_7(grant.id, drawn)

    def key(self, action: str, booking_id: UUID) -> str:
        """Return the key of the form that does this to the booking."""
        return self._keys.issue(_purpose(action), booking_id)

    def check(self, fields: dict[str, str], action: str, booking_id: UUID) -> None:
        """Raise `forbidden` unless the form was made here, for this and nothing else."""
        grant = self._keys.read(_purpose(action), fields.get(FIELD, ""))
        if grant is None or grant.id != booking_id:
            raise not_ours()

    def session_key(self, principal: Principal, action: str) -> str:
        """Return the key of an organizer's form: for this session and this action."""
        return form_keys.session_key(self._keys, principal, action)

    async def fields_sent(
        self, request: Request, principal: Principal, action: str
    ) -> dict[str, str]:
        """Return the fields of a form that was made in this session, for this action.

        Raises FormFromBefore and LanguageAsked, which lead to the form's page, where what was
        typed is shown again.
        """
        return await fields_sent(request, principal, self._keys, action)


def keep(
    response: Response, name: str, value: str, path: str, *, secure: bool, seconds: int
) -> None:
    """Set a cookie for the path that scripts and other sites cannot read."""
    response.set_cookie(
        name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="lax"
    )


async def fields_of(request: Request) -> dict[str, str]:
    """Return what the form sent, line ends as everywhere else."""
    return await form_fields.fields_of(request)


def instant_of(text: str) -> datetime:
    """Return the time that a form or an address names; raise `invalid`."""
    found = instants.instant_of(text)
    if found is None:
        fault = {"pointer": "#/start", "detail": "Must be an RFC 3339 instant."}
        raise Problem(INVALID, "That is no time that could be chosen.", errors=[fault])
    return found


def _purpose(action: str) -> Capability:
    return Capability(PREFIX, f"form-{action}")


def _version_7(moment: UUID, drawn: bytes) -> UUID:
    """Return a UUIDv7 of the same moment whose other bits are the ones given."""
    raw = bytearray(moment.bytes[:6] + drawn[:10])
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return UUID(bytes=bytes(raw))

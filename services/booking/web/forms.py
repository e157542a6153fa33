"""Forms of the pages: their keys, their fields, and the cookies that browsers keep."""

import hashlib
from datetime import datetime
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from contracts.capabilities import Capability
from contracts.problem_types import FORBIDDEN, INVALID
from services.chassis.http import instants
from services.chassis.http.origin import comes_from_elsewhere
from services.chassis.http.problems import Problem
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id

LINK, MANAGE, HOLD = "bw_link", "bw_manage", "bw_hold"
KEPT_SECONDS = 3600
# A booked meeting can be looked at again for a month after the last look.
BOOKED_SECONDS = 30 * 24 * 3600
# Only says that this browser keeps cookies.
PROBE, PROBE_SECONDS = "bw_seen", 24 * 3600
PREFIX = "bwf"
FIELD = "form"


class Forms:
    """The keys that forms carry: no other site can make them."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def fresh(self) -> str:
        """Return the key of a form that reserves: one rendered form, one booking for each time."""
        return self._keys.issue(_purpose("choose"), new_id())

    def booking_id(self, key: str, place: str, start: datetime) -> UUID:
        """Return the id of the booking that the form makes: the same if it is sent again.

        It is derived from the key, which nobody else has: nobody can aim at another's booking.
        """
        grant = self._keys.read(_purpose("choose"), key)
        if grant is None:
            raise _not_ours()
        drawn = hashlib.sha256(f"{key}\n{place}\n{start.isoformat()}".encode()).digest()
        return _version_7(grant.id, drawn)

    def key(self, action: str, booking_id: UUID) -> str:
        """Return the key of the form that does this to the booking."""
        return self._keys.issue(_purpose(action), booking_id)

    def check(self, fields: dict[str, str], action: str, booking_id: UUID) -> None:
        """Raise `forbidden` unless the form was made here, for this and nothing else."""
        grant = self._keys.read(_purpose(action), fields.get(FIELD, ""))
        if grant is None or grant.id != booking_id:
            raise _not_ours()


def keep(
    response: Response, name: str, value: str, path: str, *, secure: bool, seconds: int
) -> None:
    """Set a cookie for the path that scripts and other sites cannot read."""
    response.set_cookie(
        name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="lax"
    )


async def fields_of(request: Request) -> dict[str, str]:
    """Return what the form sent, line ends as everywhere else."""
    if comes_from_elsewhere(request):
        raise _not_ours()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(INVALID, "Send the form as application/x-www-form-urlencoded.")
    form = await request.form(max_fields=50)
    return {
        name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)
    }


def instant_of(text: str) -> datetime:
    """Return the time that a form or an address names; raise `invalid`."""
    found = instants.instant_of(text)
    if found is None:
        fault = {"pointer": "#/start", "detail": "Must be an RFC 3339 instant."}
        raise Problem(INVALID, "That is no time that could be chosen.", errors=[fault])
    return found


def _purpose(action: str) -> Capability:
    return Capability(PREFIX, f"form-{action}")


def _not_ours() -> Problem:
    return Problem(FORBIDDEN, "This form was not made for this. Load the page again.")


def _version_7(moment: UUID, drawn: bytes) -> UUID:
    """Return a UUIDv7 of the same moment whose other bits are the ones given."""
    raw = bytearray(moment.bytes[:6] + drawn[:10])
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return UUID(bytes=bytes(raw))

"""Addresses and credentials of calendars, sealed with the deployment's keys for their calendar.

Whoever steals the database can read none of them. The newest key of the ring seals; each reading
seals anew, so a key may leave the ring once every calendar has been read with the next one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from services.availability.calendars.port import Broken, Connected
from services.availability.calendars.records import CalendarRow
from services.chassis.identity.capability_tokens import KeyRing


@dataclass(frozen=True, slots=True)
class Access:
    """Where a calendar is, and what opens it."""

    address: str
    secrets: Mapping[str, str]

    @property
    def place(self) -> str:
        """Return what of the address may be shown: the rest is often a secret."""
        return urlsplit(self.address).hostname or ""


class Sealed:
    """Seals and unseals what opens calendars."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def seal(self, id_: UUID, access: Access) -> bytes:
        """Return the access as the calendar's row keeps it."""
        content = orjson.dumps({"address": access.address, "secrets": dict(access.secrets)})
        return self._keys.seal_bytes(content, _purpose(id_))

    def unseal(self, row: CalendarRow) -> Access:
        """Return the access; raise Broken once the key that sealed it has left the ring."""
        content = self._keys.unseal_bytes(row.sealed, _purpose(row.id))
        if content is None:
            raise Broken("sign_in_refused", "the key that sealed it has left the ring")
        held = orjson.loads(content)
        return Access(cast("str", held["address"]), held["secrets"])


def connected(row: CalendarRow, access: Access, *, anew: bool = False) -> Connected:
    """Return the calendar as its adapter takes it; `anew` without what was read before."""
    return Connected(
        id=row.id,
        organizer_id=row.organizer_id,
        address=access.address,
        secrets=access.secrets,
        time_zone=row.time_zone,
        state={} if anew else row.state,
    )


def _purpose(id_: UUID) -> str:
    return f"calendar {id_}"

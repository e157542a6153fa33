"""Sessions of pages: who signed in and until when, sealed in a cookie; nothing is kept here.

A session ends when it was not used for a while (idle), and in any case a while after the sign-in
(absolute). While it is used, its cookie is sealed anew with the time of its last use.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.roles import ROLES
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.identity.sealing import Seal
from services.chassis.ids import person_id

# Of a person, so much is kept: a browser keeps cookies of 4 kB.
LONGEST_NAME = 200
LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person in one browser."""

    principal: Principal
    begun_at: datetime
    used_at: datetime

    @property
    def id(self) -> str:
        """Return what tells the session from others."""
        return self.principal.session


class Sessions:
    """Seals and reads sessions; tells whether they are over."""

    def __init__(
        self, keys: KeyRing, namespace: UUID, *, idle: timedelta, absolute: timedelta
    ) -> None:
        self._seal = Seal(keys, "session")
        self._namespace = namespace
        self._idle = idle
        self._absolute = absolute

    def begin(
        self, principal: Principal, now: datetime | None = None, before: Session | None = None
    ) -> Session:
        """Return a new session of the person, or the one `before` anew, if that is theirs.

        So the forms of a tab stay right when the same person signs in in another one.
        """
        goes_on = before is not None and before.principal.id == principal.id
        kept = replace(
            principal,
            name=principal.name[:LONGEST_NAME],
            email=principal.email[:LONGEST_ADDRESS],
            roles=principal.roles & ROLES,  # those of other applications are not ours to keep
            session=before.id if before and goes_on else secrets.token_urlsafe(16),
        )
        now = now or datetime.now(UTC)
        return Session(kept, begun_at=now, used_at=now)

    def is_over(self, session: Session, now: datetime) -> bool:
        """Tell whether the session has ended."""
        return now >= min(session.begun_at + self._absolute, session.used_at + self._idle)

    def wants_renewal(self, session: Session, now: datetime) -> bool:
        """Tell whether the cookie's time of use is so old that it should be sealed anew."""
        return now - session.used_at > min(self._idle / 10, timedelta(minutes=1))

    def sealed(self, session: Session) -> str:
        """Return the session for a cookie."""
        who = session.principal
        said = [
            session.id,
            who.identity,
            who.name,
            who.email,
            sorted(who.roles),
            int(session.begun_at.timestamp()),
            int(session.used_at.timestamp()),
        ]
        return self._seal.seal(json.dumps(said, ensure_ascii=False).encode())

    def unsealed(self, text: str) -> Session | None:
        """Return the session that the cookie holds, also one that is over; None for no session."""
        content = self._seal.unseal(text)
        match json.loads(content) if content else None:
            case [
                str(id_),
                str(identity),
                str(name),
                str(email),
                list(roles),
                int(begun),
                int(used),
            ]:
                who = Principal(
                    id=person_id(self._namespace, identity),
                    identity=identity,
                    roles=frozenset(map(str, roles)),
                    name=name,
                    email=email,
                    session=id_,
                )
                return Session(who, _moment(begun), _moment(used))
            case _:
                return None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

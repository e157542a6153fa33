"""A sign-in under way: what the provider carries there and back (`state`), bound to one browser.

The state is sealed and holds all that the answer needs, so any number of tabs can sign in at once
and nothing is kept here. A cookie with a random value binds it to the browser: an answer that
somebody else began is not taken.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.relying_party import Challenge
from services.chassis.identity.sealing import Seal

# People fetch a second factor; nobody takes longer than that.
KEPT_SECONDS = 3600
_MARK = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What was begun: where it leads, in which browser, for which time in a row."""

    to: str
    attempt: int
    browser: str
    challenge: Challenge

    def is_of(self, mark: str) -> bool:
        """Tell whether the browser with this mark began it."""
        return hmac.compare_digest(self.browser, _digest(mark))


class SignInRequests:
    """Begins sign-ins, and reads what the provider brings back."""

    def __init__(self, keys: KeyRing) -> None:
        self._seal = Seal(keys, "sign-in")

    def begin(self, mark: str, to: str, attempt: int) -> tuple[str, Challenge]:
        """Return the state and what the answer has to fit."""
        challenge = Challenge(secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        now = int(datetime.now(UTC).timestamp())
        said = [to, attempt, _digest(mark), challenge.nonce, challenge.verifier, now]
        return self._seal.seal(json.dumps(said).encode()), challenge

    def read(self, state: str) -> SignInRequest | None:
        """Return what was begun here, not too long ago."""
        content = self._seal.unseal(state)
        match json.loads(content) if content else None:
            case [str(to), int(attempt), str(browser), str(nonce), str(verifier), int(begun)]:
                ends = datetime.fromtimestamp(begun, UTC) + timedelta(seconds=KEPT_SECONDS)
                if ends < datetime.now(UTC):
                    return None
                return SignInRequest(to, attempt, browser, Challenge(nonce, verifier))
            case _:
                return None


def mark_of(cookie: str | None) -> str:
    """Return the browser's mark, or one for it to keep."""
    return cookie if cookie and _MARK.fullmatch(cookie) else secrets.token_urlsafe(32)


def _digest(mark: str) -> str:
    return hashlib.sha256(mark.encode()).hexdigest()

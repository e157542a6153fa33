"""Capability tokens: derived from a key ring, never stored; the same id gives the same token.

Layout before base64url: key id (1 byte), id (16), generation (2), HMAC-SHA256 over all of these and
the purpose (32). Dropping a key revokes all that it signed; the
generation is there for revoking one token, which nothing does yet.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from nacl.secret import SecretBox

from contracts.capabilities import Capability

_BODY_BYTES = 19
_MAC_BYTES = 32
_LARGEST_ID = 255
# Not with one more letter than whole bytes give: nothing would be said about the rest.
_ENTRY = re.compile(r"(\d{1,3}):((?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?=*)")
_TOKEN = re.compile(r"\b(bw[a-z])_([A-Za-z0-9_-]{68})(?![A-Za-z0-9_-])")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a genuine token says."""

    id: UUID
    generation: int


class KeyRing:
    """The deployment's token keys, by id; the last one signs."""

    def __init__(self, keys: dict[int, bytes]) -> None:
        if not keys or any(len(key) < _MAC_BYTES for key in keys.values()):
            raise ValueError("each key needs at least 32 bytes")
        if not all(0 <= number <= _LARGEST_ID for number in keys):
            raise ValueError("a key's number is 0 to 255")
        self._keys = keys
        self._current = list(keys)[-1]

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `1:<base64url>,2:<base64url>`."""
        keys = {}
        for entry in text.split(","):
            found = _ENTRY.fullmatch(entry.strip())
            if found is None or int(found[1]) in keys:
                raise ValueError("not each entry is a number of its own, a colon and base64url")
            padding = "=" * (-len(found[2]) % 4)
            keys[int(found[1])] = base64.urlsafe_b64decode(found[2] + padding)
        return cls(keys)

    def issue(self, capability: Capability, id_: UUID, generation: int = 1) -> str:
        """Return the token for the id; the same today and tomorrow."""
        return self._sign(capability.prefix, capability.name, self._current, id_, generation)

    def read(self, capability: Capability, token: str) -> Grant | None:
        """Return what the token grants, or None if it is not genuine."""
        found = _TOKEN.fullmatch(token)
        if found is None or found[1] != capability.prefix:
            return None
        raw = base64.urlsafe_b64decode(found[2])
        body, mac = raw[:_BODY_BYTES], raw[_BODY_BYTES:]
        key = self._keys.get(body[0])
        if key is None or not hmac.compare_digest(mac, _mac(key, capability.name, body)):
            return None
        return Grant(UUID(bytes=body[1:17]), int.from_bytes(body[17:19], "big"))

    def read_any(self, capabilities: Iterable[Capability], token: str) -> Grant | None:
        """Return what the token grants by the first capability that it is genuine for, or None."""
        found = (self.read(each, token) for each in capabilities)
        return next((each for each in found if each), None)

    def _sign(self, prefix: str, name: str, key_id: int, id_: UUID, generation: int) -> str:
        body = bytes([key_id]) + id_.bytes + generation.to_bytes(2, "big")
        raw = body + _mac(self._keys[key_id], name, body)
        return f"{prefix}_{base64.urlsafe_b64encode(raw).decode()}"

    def secret(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for the purpose, the same in every process."""
        return _mac(self._keys[self._current], "secret", purpose.encode())

    def seal(self, text: str, secret: str) -> bytes:
        """Encrypt the text so that only who knows the secret and holds this ring can read it."""
        return self.seal_bytes(text.encode(), secret)

    def unseal(self, sealed: bytes, secret: str) -> str | None:
        """Return the text, or None once the key that sealed it has left the ring."""
        content = self.unseal_bytes(sealed, secret)
        return None if content is None else content.decode()

    def seal_bytes(self, content: bytes, secret: str) -> bytes:
        """Encrypt bytes as `seal` does text."""
        key = _mac(self._keys[self._current], "seal", secret.encode())
        return bytes([self._current]) + SecretBox(key).encrypt(content)

    def unseal_bytes(self, sealed: bytes, secret: str) -> bytes | None:
        """Return the bytes, or None once the key that sealed them has left the ring."""
        key = self._keys.get(sealed[0])
        if key is None:
            return None
        return SecretBox(_mac(key, "seal", secret.encode())).decrypt(sealed[1:])


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.new(key, purpose.encode() + b"\0" + body, hashlib.sha256).digest()

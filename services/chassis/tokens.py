"""Capability tokens: derived from a key ring, never stored; the same id gives the same token.

Layout before base64url: key id (1 byte), id (16), generation (2), HMAC-SHA256 over all of these and
the purpose (32). Raising a generation or dropping a key revokes.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from contracts.capabilities import Capability

_BODY_BYTES = 19
_MAC_BYTES = 32
_TOKEN = re.compile(r"\b(bw[a-z])_([A-Za-z0-9_-]{68})(?![A-Za-z0-9_-])")
_REDACTED = re.compile(r"\{(bw[a-z]):([0-9a-f]{2}):([0-9a-f]{32}):([0-9a-f]{4})\}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a genuine token says."""

    id: UUID
    generation: int


class KeyRing:
    """The deployment's token keys, by id; the last one signs."""

    def __init__(self, keys: dict[int, bytes]) -> None:
        if not keys or any(len(key) < _MAC_BYTES for key in keys.values()):
            raise ValueError("BOOKWITH_TOKEN_KEYS needs keys of at least 32 bytes")
        self._keys = keys
        self._current = list(keys)[-1]

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `1:<base64url>,2:<base64url>`."""
        keys = {}
        for entry in text.split(","):
            number, _, secret = entry.strip().partition(":")
            padding = "=" * (-len(secret) % 4)
            keys[int(number)] = base64.urlsafe_b64decode(secret + padding)
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

    def _sign(self, prefix: str, name: str, key_id: int, id_: UUID, generation: int) -> str:
        body = bytes([key_id]) + id_.bytes + generation.to_bytes(2, "big")
        raw = body + _mac(self._keys[key_id], name, body)
        return f"{prefix}_{base64.urlsafe_b64encode(raw).decode()}"

    def restore(self, text: str, names: dict[str, str]) -> str:
        """Put the tokens back that `redact` took out; `names` gives each prefix its purpose."""

        def signed(found: re.Match[str]) -> str:
            prefix, key_id, id_, generation = found.groups()
            held = int(key_id, 16)
            key = held if held in self._keys else self._current
            return self._sign(prefix, names[prefix], key, UUID(hex=id_), int(generation, 16))

        return _REDACTED.sub(signed, text)


def redact(text: str) -> str:
    """Replace each token by what it was made of, unsigned: safe at rest and in logs."""

    def opened(found: re.Match[str]) -> str:
        body = base64.urlsafe_b64decode(found[2])[:_BODY_BYTES]
        return f"{{{found[1]}:{body[0]:02x}:{body[1:17].hex()}:{body[17:19].hex()}}}"

    return _TOKEN.sub(opened, text)


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.new(key, purpose.encode() + b"\0" + body, hashlib.sha256).digest()

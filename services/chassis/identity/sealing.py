"""Seals: what a browser keeps for us, encrypted with the deployment's keys, for one purpose."""

import base64
import binascii
import re

from nacl.exceptions import CryptoError

from services.chassis.identity.capability_tokens import KeyRing

_LETTERS = re.compile(r"[A-Za-z0-9_-]+")


class Seal:
    """Seals and unseals for a purpose: what was sealed for another is nothing here."""

    def __init__(self, keys: KeyRing, purpose: str) -> None:
        self._keys = keys
        self._purpose = f"browser: {purpose}"

    def seal(self, content: bytes) -> str:
        """Return the content as text that fits into a cookie or an address."""
        sealed = self._keys.seal_bytes(content, self._purpose)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def unseal(self, sealed: str) -> bytes | None:
        """Return what was sealed; None for anything that was not sealed here, for this."""
        if not _LETTERS.fullmatch(sealed):
            return None
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._keys.unseal_bytes(raw, self._purpose)
        except (CryptoError, binascii.Error, IndexError, ValueError):
            return None

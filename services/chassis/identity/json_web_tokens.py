"""JWTs, access and id tokens: verified by the provider's keys, for this issuer and application."""

import time
from typing import Any

from services.chassis.identity.provider import Provider

LEEWAY_SECONDS = 60
# Which algorithms fit a key that does not name its own, by its type and curve.
_FITTING = {
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
# What is odd about a token, in its own words where a caller can do something about it.
_REASONS = {
    "ExpiredSignatureError": "The access token has expired; sign in again.",
    "ImmatureSignatureError": "The access token is not valid yet: are the clocks right?",
    "InvalidIssuerError": "The access token is from another issuer.",
    "InvalidAudienceError": "The access token is for another application.",
}
_NOT_VALID = "The access token is not valid; sign in again."


class TokenRefused(Exception):
    """The token is not valid here; the message says why, to its sender."""


async def verify(
    token: str, provider: Provider, audience: str | None
) -> tuple[dict[str, Any], float]:
    """Return the token's claims, and for how many seconds it is valid.

    Raises:
        TokenRefused: it is not valid.
        ProviderAway: the keys cannot be read.
    """
    # Imported here: with its cryptography it costs 9 MB, which opaque tokens do not need.
    import jwt  # noqa: PLC0415

    try:
        header = jwt.get_unverified_header(token)
        for anew in (False, True):
            keys, are_new = await provider.keys(anew=anew)
            if anew and not are_new:
                break
            fitting = _fitting(keys, header)
            if fitting is None:
                continue  # the provider may have a new key
            try:
                claims = jwt.decode(
                    token,
                    jwt.PyJWK(fitting, header["alg"]).key,
                    algorithms=[header["alg"]],
                    issuer=provider.issuer,
                    audience=audience,
                    options={"require": ["exp", "iss"], "verify_aud": audience is not None},
                    leeway=LEEWAY_SECONDS,
                )
            except jwt.InvalidSignatureError:
                if fitting.get("kid") and fitting.get("kid") == header.get("kid"):
                    raise  # a key is never replaced under its own name
                continue
            return claims, float(int(claims["exp"])) + LEEWAY_SECONDS - time.time()
    # A header or a claim of an odd type, nested without end, or a key that cannot be one.
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as fault:
        raise TokenRefused(_REASONS.get(type(fault).__name__, _NOT_VALID)) from fault
    raise TokenRefused(_NOT_VALID)


def _fitting(keys: list[dict[str, Any]], header: dict[str, Any]) -> dict[str, Any] | None:
    """Return the key that the header names; the only one that fits, where one has no name."""
    fitting = [key for key in keys if _fits(key, header.get("alg"))]
    kid = header.get("kid")
    if kid is not None:
        named = [key for key in fitting if key.get("kid") == kid]
        if named:
            return named[0]
        fitting = [key for key in fitting if key.get("kid") is None]
    return fitting[0] if len(fitting) == 1 else None


def _fits(key: dict[str, Any], algorithm: Any) -> bool:
    if key.get("use", "sig") != "sig":
        return False
    kind = str(key.get("kty"))
    curve = None if kind == "RSA" else str(key.get("crv"))
    return algorithm in _FITTING.get((kind, curve), ()) and key.get("alg", algorithm) == algorithm

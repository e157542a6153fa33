"""Policy's settings: who may provision users."""

import hashlib
import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from services.chassis.sign_in.settings import SignInSettings
from services.chassis.web.brand_settings import BrandSettings

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{32,200}=*")


class PolicySettings(SignInSettings, BrandSettings):
    """What policy needs beyond the settings of services with pages."""

    scim_tokens: Annotated[
        str | None,
        Field(
            description="the bearer token of the provisioning client, at least 32 random "
            "characters; two with a comma between while it is changed; without one SCIM is off",
            repr=False,
        ),
    ] = None
    scim_identity: Annotated[
        Literal["userName", "externalId"],
        Field(
            description="the SCIM attribute that has what BOOKWITH_OIDC_IDENTITY_CLAIM has when "
            "the person signs in"
        ),
    ] = "userName"

    @property
    def scim_digests(self) -> frozenset[bytes]:
        """Return what the tokens are recognized by."""
        tokens = self.scim_tokens.split(",") if self.scim_tokens else ()
        return frozenset(hashlib.sha256(each.encode()).digest() for each in tokens)

    @field_validator("scim_tokens")
    @classmethod
    def _long_enough(cls, tokens: str | None) -> str | None:
        each = tokens.split(",") if tokens else []
        if len(each) > 2 or not all(_TOKEN.fullmatch(token) for token in each):
            raise ValueError("not one token of at least 32 characters, or two of them")
        return tokens

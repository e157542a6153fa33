"""Policy's settings: who may provision users."""

import hashlib
import re
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from services.chassis.runtime.settings import Url, missing
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

    graph_tenant: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9.-]{1,253}$",
            description="the Entra ID tenant whose users Microsoft Graph is asked for; without it "
            "Graph is not read",
        ),
    ] = None
    graph_client_id: Annotated[
        str | None,
        Field(
            validate_default=True,
            description="the application in that tenant, with User.Read.All; required with "
            "BOOKWITH_GRAPH_TENANT",
        ),
    ] = None
    graph_client_secret: Annotated[
        str | None,
        Field(
            validate_default=True,
            description="its secret; required with BOOKWITH_GRAPH_TENANT",
            repr=False,
        ),
    ] = None
    graph_identity: Annotated[
        Literal["id", "userPrincipalName"],
        Field(
            description="Graph's property that has what BOOKWITH_OIDC_IDENTITY_CLAIM has when the "
            "person signs in"
        ),
    ] = "id"
    graph_service_plan: Annotated[
        str | None,
        Field(
            description="the id of the service plan that is a user's licence; without it licences "
            "are left alone"
        ),
    ] = None
    graph_seconds: Annotated[
        float, Field(ge=0.1, le=86_400, description="how often Graph is asked for changes")
    ] = 300
    graph_url: Annotated[Url, Field(description="where Graph is, with its version")] = (
        "https://graph.microsoft.com/v1.0"
    )
    graph_sign_in_url: Annotated[Url, Field(description="where Graph's access tokens are had")] = (
        "https://login.microsoftonline.com"
    )

    @property
    def scim_digests(self) -> frozenset[bytes]:
        """Return what the tokens are recognized by."""
        tokens = self.scim_tokens.split(",") if self.scim_tokens else ()
        return frozenset(hashlib.sha256(each.encode()).digest() for each in tokens)

    @field_validator("graph_client_id", "graph_client_secret")
    @classmethod
    def _with_a_tenant(cls, said: str | None, info: ValidationInfo) -> str | None:
        if said is None and info.data.get("graph_tenant") is not None:
            raise missing()
        return said

    @field_validator("scim_tokens")
    @classmethod
    def _long_enough(cls, tokens: str | None) -> str | None:
        each = tokens.split(",") if tokens else []
        if len(each) > 2 or not all(_TOKEN.fullmatch(token) for token in each):
            raise ValueError("not one token of at least 32 characters, or two of them")
        return tokens

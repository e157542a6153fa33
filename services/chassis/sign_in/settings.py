"""The settings of services that have pages behind a sign-in."""

from typing import Annotated

from pydantic import Field, field_validator

from services.chassis.http.budgets.networks import networks_in
from services.chassis.runtime.settings import Settings, Url


class SignInSettings(Settings):
    """What sign-in needs beyond every service's settings; the same for all services of a host."""

    pages_url: Annotated[
        Url | None,
        Field(
            description="how people reach this service's own pages, where that is not "
            "BOOKWITH_PUBLIC_URL; the provider sends them back to <this>/sign-in/callback"
        ),
    ] = None
    oidc_client_id: Annotated[
        str | None,
        Field(description="this application at the provider; without it nobody signs in to pages"),
    ] = None
    oidc_client_secret: Annotated[
        str | None, Field(description="its secret; a public client has none", repr=False)
    ] = None
    oidc_scopes: Annotated[
        str,
        Field(
            pattern=r"(^| )openid( |$)",
            description="what the provider is asked for, openid among it",
        ),
    ] = "openid profile email"
    session_idle_seconds: Annotated[
        int,
        Field(
            ge=10,
            le=86_400,
            description="how long a session of pages lasts without being used, at most a day",
        ),
    ] = 7200
    session_seconds: Annotated[
        int,
        Field(
            ge=10,
            le=604_800,
            description="how long a session of pages lasts at most, however it is used, "
            "at most 7 days",
        ),
    ] = 43_200
    trusted_proxies: Annotated[
        str,
        Field(
            description="networks of the proxies in front, 192.0.2.0/24[,...]: from them, and from "
            "nobody else, X-Forwarded-For says which network a request comes from"
        ),
    ] = ""

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, said: str) -> str:
        networks_in(said)
        return said

    @property
    def own_url(self) -> str:
        """Return how people reach this service's own pages."""
        return self.pages_url or self.public_url

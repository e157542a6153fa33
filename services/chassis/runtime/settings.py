"""Settings from the environment, prefix `BOOKWITH_`; a missing or wrong one stops the service."""

import sys
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


def _without_slash(url: str) -> str:
    return url.rstrip("/")


Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$"), AfterValidator(_without_slash)]


class Settings(BaseSettings):
    """What every service needs to start; a service's own settings extend it."""

    model_config = SettingsConfigDict(env_prefix="BOOKWITH_", frozen=True, extra="ignore")

    database_url: Annotated[
        str,
        Field(
            pattern=r"^postgres(ql)?://",
            description="postgresql://user:password@host:port/database",
        ),
    ]
    database_pool_size: Annotated[
        int, Field(ge=2, le=100, description="connections of this process")
    ] = 12
    kafka_bootstrap_servers: Annotated[
        str, Field(pattern=r"^[^\s:]+:\d+(,[^\s:]+:\d+)*$", description="host:port[,host:port...]")
    ]
    oidc_issuer: Annotated[Url, Field(description="the OpenID provider's issuer URL")]
    oidc_audience: Annotated[
        str | None, Field(description="the audience that a JWT access token must name")
    ] = None
    oidc_identity_claim: Annotated[str, Field(description="the claim that names a person")] = "sub"
    oidc_roles_claim: Annotated[str, Field(description="the claim that lists roles")] = "roles"
    organization_namespace: Annotated[
        UUID, Field(description="a UUID, one for the deployment: people's ids derive from it")
    ]
    public_url: Annotated[Url, Field(description="how people reach the pages, http(s)://...")]
    token_keys: Annotated[
        str,
        Field(
            description="key ring: 1:<base64url of 32 bytes>[,2:<...>], the last one signs",
            repr=False,
        ),
    ]
    http_host: Annotated[str, Field(description="the address to listen on")] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=1, le=65535, description="the port to listen on")]
    instance: Annotated[
        str, Field(pattern=r"^[\w.-]{1,64}$", description="this process among its like")
    ] = "1"
    environment: Annotated[
        Literal["production", "test"], Field(description="test allows crash points to be armed")
    ] = "production"
    crash_file: Annotated[
        str | None, Field(description="file that arms a crash point; test only")
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="what is logged")
    ] = "info"
    log_batches: Annotated[
        float,
        Field(ge=0, le=1, description="the share of applied batches that is logged, 0 to 1"),
    ] = 1
    otlp_endpoint: Annotated[Url | None, Field(description="where traces go; none when empty")] = (
        None
    )


AnySettings = TypeVar("AnySettings", bound=Settings)


def load(kind: type[AnySettings]) -> AnySettings:
    """Return the settings, or end the process naming each faulty variable and what it should be."""
    try:
        return kind()
    except ValidationError as error:
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else ""
            field = kind.model_fields.get(name)
            wanted = field.description if field and field.description else fault["msg"]
            said = "is missing" if fault["type"] == "missing" else f"is wrong ({fault['msg']})"
            sys.stderr.write(f"BOOKWITH_{name.upper()} {said}; it should be: {wanted}\n")
        sys.exit(2)

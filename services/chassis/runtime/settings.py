"""Settings from the environment, prefix `BOOKWITH_`; a missing or wrong one stops the service."""

import sys
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import ClaimNames, role_groups


def _without_slash(url: str) -> str:
    return url.rstrip("/")


_HTTP = r"^https?://[^\s]+$"
Url = Annotated[str, Field(pattern=_HTTP), AfterValidator(_without_slash)]


class Settings(BaseSettings):
    """What every service needs to start; a service's own settings extend it."""

    model_config = SettingsConfigDict(
        env_prefix="BOOKWITH_", frozen=True, extra="ignore", env_ignore_empty=True
    )

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
    oidc_issuer: Annotated[
        str,
        Field(
            pattern=_HTTP,
            description="the OpenID provider's issuer URL, written as its tokens name it",
        ),
    ]
    oidc_any_audience: Annotated[
        bool,
        Field(description="true lets in JWTs that the provider made for other applications"),
    ] = False
    oidc_audience: Annotated[
        str | None,
        Field(
            validate_default=True,
            description="the audience that a JWT access token must name; "
            "required unless BOOKWITH_OIDC_ANY_AUDIENCE is true",
        ),
    ] = None
    oidc_identity_claim: Annotated[
        str, Field(description="the claim that names a person, or the path to it: `user.id`")
    ] = "sub"
    oidc_roles_claim: Annotated[
        str,
        Field(description="the claim that lists roles, or the path to it: `realm_access.roles`"),
    ] = "roles"
    oidc_groups_claim: Annotated[
        str,
        Field(
            pattern=r"^[^\s,]+(,[^\s,]+)*$",
            description="the claim that lists a person's groups, or the path to it; several with "
            "commas between",
        ),
    ] = "groups"
    oidc_role_groups: Annotated[
        str,
        Field(
            description="groups whose members have a role, beside the roles claim: "
            "<role>=<group>[,<group>][;<role>=<group>]"
        ),
    ] = ""
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
    http_connections: Annotated[
        int, Field(ge=10, le=100_000, description="connections that may be open at once")
    ] = 1000
    shutdown_grace_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            description="how long requests are still taken after SIGTERM, while /readyz is 503",
        ),
    ] = 5
    http_port_shared: Annotated[
        bool,
        Field(
            description="true lets several processes of this service, with the same database, "
            "listen on the port"
        ),
    ] = False
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
    log_requests: Annotated[
        float,
        Field(ge=0, le=1, description="the share of successful requests that is logged, 0 to 1"),
    ] = 1
    log_batches: Annotated[
        float,
        Field(ge=0, le=1, description="the share of applied batches that is logged, 0 to 1"),
    ] = 1
    otlp_endpoint: Annotated[Url | None, Field(description="where traces go; none when empty")] = (
        None
    )

    @property
    def claim_names(self) -> ClaimNames:
        """Return where the provider's claims say who somebody is."""
        return ClaimNames(
            identity=self.oidc_identity_claim,
            roles=self.oidc_roles_claim,
            groups=tuple(self.oidc_groups_claim.split(",")),
            role_groups=role_groups(self.oidc_role_groups),
        )

    @field_validator("database_url")
    @classmethod
    def _read_by_libpq(cls, url: str) -> str:
        try:
            conninfo_to_dict(url)
        except ProgrammingError as fault:
            raise ValueError(str(fault).strip()) from None
        return url

    @field_validator("token_keys")
    @classmethod
    def _a_key_ring(cls, keys: str) -> str:
        KeyRing.parse(keys)
        return keys

    @field_validator("oidc_role_groups")
    @classmethod
    def _role_groups(cls, said: str) -> str:
        role_groups(said)
        return said

    @field_validator("crash_file")
    @classmethod
    def _only_in_tests(cls, file: str | None, info: ValidationInfo) -> str | None:
        if file is not None and info.data.get("environment") == "production":
            raise PydanticCustomError("contradiction", "BOOKWITH_ENVIRONMENT is production")
        return file

    @field_validator("oidc_audience")
    @classmethod
    def _one_of_two(cls, audience: str | None, info: ValidationInfo) -> str | None:
        if "oidc_any_audience" not in info.data:  # it is faulty itself
            return audience
        if audience is None and not info.data["oidc_any_audience"]:
            raise missing()
        if audience is not None and info.data["oidc_any_audience"]:
            raise PydanticCustomError("contradiction", "BOOKWITH_OIDC_ANY_AUDIENCE is true")
        return audience


def missing() -> PydanticCustomError:
    """Return the fault of a setting that is required because of another's value."""
    return PydanticCustomError("missing", "it is required")


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

"""The plan of one stack: all its steps, and the settings of each service's processes."""

import os
import sys
from collections.abc import Callable, Mapping

from deploy.local import postgres
from deploy.local.addresses import HOST, Addresses
from deploy.local.kafka import broker, jars
from deploy.local.processes import Part, Step, Task, answers
from deploy.local.settings import DATABASES, SecretValues, StackSettings, secret_values

SENDER = "Bookwith <no-reply@bookwith.example>"
BUDGET_FACTOR = "10000"
# The local provider takes any client, with any secret; none without a secret.
CLIENT = "bookwith"
CLIENT_SECRET = "local"


def make(settings: StackSettings, addresses: Addresses, say: Callable[[str], None]) -> list[Step]:
    """Return the steps; what has to be downloaded first is downloaded here."""
    result: list[Step] = []
    if "kafka" in settings.foundation:
        if settings.starts("kafka"):
            result += broker.steps(settings, addresses, jars.ensure(say))
        result.append(_topics(settings, addresses))
    if "postgres" in settings.foundation:
        result += postgres.steps(settings, addresses)
    if settings.starts("oidc"):
        result.append(_oidc(settings, addresses))
    if settings.starts("inbox"):
        result.append(_inbox(settings, addresses))
    secrets = secret_values(settings.state_dir)
    for service in settings.services:
        result += _service(settings, addresses, service, environment(addresses, secrets, service))
    if settings.seed and settings.services:
        result.append(_seed(settings, environment(addresses, secrets, "booking")))
    return result


def environment(
    addresses: Addresses,
    secrets: SecretValues,
    service: str,
    instance: str = "1",
    caller: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the settings of one process of a service, in addition to the caller's."""
    settings = {
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": addresses.kafka,
        "BOOKWITH_SMTP_URL": addresses.smtp_url,
        "BOOKWITH_OIDC_ISSUER": addresses.oidc_url,
        **_audience(caller),
        "BOOKWITH_SENDER": caller.get("BOOKWITH_SENDER") or SENDER,
        "BOOKWITH_PUBLIC_URL": caller.get("BOOKWITH_PUBLIC_URL") or addresses.url("booking"),
        "BOOKWITH_PAGES_URL": _pages_url(addresses, service),
        **_client(caller),
        "BOOKWITH_HTTP_HOST": HOST,
        "BOOKWITH_HTTP_PORT": str(addresses.ports[service]),
        "BOOKWITH_HTTP_PORT_SHARED": "true",  # by the instances, and by what tests add
        "BOOKWITH_INSTANCE": instance,
        # Nobody balances load here: what stops may stop at once.
        "BOOKWITH_SHUTDOWN_GRACE_SECONDS": caller.get("BOOKWITH_SHUTDOWN_GRACE_SECONDS") or "0",
        # Everybody comes from one network here, and scripts fill the forms in.
        "BOOKWITH_BUDGET_FACTOR": caller.get("BOOKWITH_BUDGET_FACTOR") or BUDGET_FACTOR,
        "BOOKWITH_FORM_MINIMUM_SECONDS": caller.get("BOOKWITH_FORM_MINIMUM_SECONDS") or "0",
        "BOOKWITH_TOKEN_KEYS": secrets.token_keys,
        "BOOKWITH_ORGANIZATION_NAMESPACE": secrets.organization_namespace,
    }
    for neighbour in DATABASES:
        settings[f"BOOKWITH_{neighbour.upper()}_URL"] = addresses.url(neighbour)
    if service in DATABASES:
        settings["BOOKWITH_DATABASE_URL"] = addresses.database_url(service)
    return settings


def _pages_url(addresses: Addresses, service: str) -> str:
    """Return where the service's pages are: each on its own port, booking's at the public URL."""
    return "" if service == "booking" else addresses.url(service)


def _client(caller: Mapping[str, str]) -> dict[str, str]:
    """Return what the local provider knows us by, unless the caller has a client of their own."""
    if caller.get("BOOKWITH_OIDC_CLIENT_ID"):
        return {}
    return {"BOOKWITH_OIDC_CLIENT_ID": CLIENT, "BOOKWITH_OIDC_CLIENT_SECRET": CLIENT_SECRET}


def _audience(caller: Mapping[str, str]) -> dict[str, str]:
    """Return the audience of the local provider's tokens, unless the caller chose otherwise."""
    if caller.get("BOOKWITH_OIDC_ANY_AUDIENCE"):
        return {}
    return {"BOOKWITH_OIDC_AUDIENCE": caller.get("BOOKWITH_OIDC_AUDIENCE") or "bookwith"}


def _topics(settings: StackSettings, addresses: Addresses) -> Task:
    """Return the task that creates the topics of the contracts' registry."""
    return Task(
        name="topics",
        command=(sys.executable, "-m", "services.operations", "create-topics"),
        environment={"BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": addresses.kafka},
        after=("kafka",) if settings.starts("kafka") else (),
        advice="The broker in BOOKWITH_KAFKA_BOOTSTRAP_SERVERS must let us create topics.",
    )


def _oidc(settings: StackSettings, addresses: Addresses) -> Part:
    port, state = addresses.ports["oidc"], settings.state_dir / "oidc"
    return Part(
        name="oidc",
        role="oidc",
        command=(sys.executable, "-m", "deploy.local.oidc", HOST, str(port), str(state)),
        url=addresses.oidc_url,
        ready=answers(port, "/.well-known/openid-configuration"),
    )


def _inbox(settings: StackSettings, addresses: Addresses) -> Part:
    ports = (str(addresses.ports["smtp"]), str(addresses.ports["inbox"]))
    state = settings.state_dir / "inbox"
    return Part(
        name="inbox",
        role="inbox",
        command=(sys.executable, "-m", "deploy.local.inbox", HOST, *ports, str(state)),
        url=addresses.url("inbox"),
        ready=answers(addresses.ports["inbox"], "/livez"),
    )


def _service(
    settings: StackSettings, addresses: Addresses, service: str, own: Mapping[str, str]
) -> list[Step]:
    """Return the service's migration and its processes."""
    result: list[Step] = []
    after = ["topics", *(["oidc"] if settings.starts("oidc") else [])]
    if service in DATABASES:
        after.append(f"migrate-{service}")
        migration = Task(
            name=f"migrate-{service}",
            command=(sys.executable, "-m", f"services.{service}", "migrate"),
            environment=own,
            after=("databases",),
            advice="Data of a newer version cannot be read: `make clean-state` deletes all of it.",
        )
        result.append(migration)
    for number, name in enumerate(settings.instance_names(service), start=1):
        process = Part(
            name=name,
            role="service",
            command=(sys.executable, "-m", f"services.{service}", "serve"),
            url=addresses.url(service),
            ready=answers(addresses.ports[service], "/readyz"),
            after=tuple(after),
            environment={**own, "BOOKWITH_INSTANCE": str(number)},
        )
        result.append(process)
    return result


def _seed(settings: StackSettings, own: Mapping[str, str]) -> Task:
    """Return the task that makes the demo organization, once all services are ready."""
    return Task(
        name="seed",
        command=(sys.executable, "-m", "deploy.local.seed"),
        environment=own,
        after=tuple(
            name for service in settings.services for name in settings.instance_names(service)
        ),
    )

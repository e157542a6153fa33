"""The services as parts of the stack: what they are told, and in which order they start."""

import os
import sys
from collections.abc import Mapping

from deploy.local.addresses import HOST, Addresses
from deploy.local.probes import answers
from deploy.local.secret_values import SecretValues
from deploy.local.settings import DATABASES, StackSettings
from deploy.local.steps import Part, Step, Task


def environment(
    addresses: Addresses,
    secret_values: SecretValues,
    service: str,
    instance: str = "1",
    caller: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the settings of one process of a service, on top of what the caller's say."""
    settings = {
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": addresses.kafka,
        "BOOKWITH_SMTP_URL": addresses.smtp_url,
        "BOOKWITH_OIDC_ISSUER": addresses.oidc_url,
        "BOOKWITH_PUBLIC_URL": caller.get("BOOKWITH_PUBLIC_URL") or addresses.url("booking"),
        "BOOKWITH_HTTP_HOST": HOST,
        "BOOKWITH_HTTP_PORT": str(addresses.ports[service]),
        "BOOKWITH_INSTANCE": instance,
        "BOOKWITH_TOKEN_KEYS": secret_values.token_keys,
        "BOOKWITH_ORGANIZATION_NAMESPACE": secret_values.organization_namespace,
    }
    for neighbour in DATABASES:
        settings[f"BOOKWITH_{neighbour.upper()}_URL"] = addresses.url(neighbour)
    if service in DATABASES:
        settings["BOOKWITH_DATABASE_URL"] = addresses.database_url(service)
    return settings


def topics_step(settings: StackSettings, addresses: Addresses) -> Task:
    """Return the task that creates the topics of the contracts' registry."""
    return Task(
        name="topics",
        command=(sys.executable, "-m", "services.operations", "create-topics"),
        environment={"BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": addresses.kafka},
        after=("kafka",) if settings.starts("kafka") else (),
        advice="The broker in BOOKWITH_KAFKA_BOOTSTRAP_SERVERS must let us create topics.",
    )


def steps(settings: StackSettings, addresses: Addresses, secret_values: SecretValues) -> list[Step]:
    """Return the migrations and the processes of the services that are asked for."""
    result: list[Step] = []
    for service in settings.services:
        told = environment(addresses, secret_values, service)
        if service in DATABASES:
            result.append(_migration(service, told))
        for number, name in enumerate(settings.instance_names(service), start=1):
            result.append(_process(settings, addresses, service, name, told, str(number)))
    return result


def seed_step(settings: StackSettings, addresses: Addresses, secret_values: SecretValues) -> Task:
    """Return the task that makes the demo organization, once all services are there."""
    return Task(
        name="seed",
        command=(sys.executable, "-m", "deploy.local.seed"),
        environment=environment(addresses, secret_values, "booking"),
        after=tuple(
            name for service in settings.services for name in settings.instance_names(service)
        ),
    )


def _migration(service: str, told: Mapping[str, str]) -> Task:
    return Task(
        name=f"migrate-{service}",
        command=(sys.executable, "-m", f"services.{service}", "migrate"),
        environment=told,
        after=("databases",),
        advice="Data of a newer version cannot be read: `make clean-state` forgets all of it.",
    )


def _process(
    settings: StackSettings,
    addresses: Addresses,
    service: str,
    name: str,
    told: Mapping[str, str],
    instance: str,
) -> Part:
    first = (f"migrate-{service}",) if service in DATABASES else ()
    provider = ("oidc",) if settings.starts("oidc") else ()
    return Part(
        name=name,
        role="service",
        command=(sys.executable, "-m", f"services.{service}", "serve"),
        url=addresses.url(service),
        ready=answers(addresses.ports[service], "/readyz"),
        after=(*first, *provider, "topics"),
        environment={**told, "BOOKWITH_INSTANCE": instance},
    )

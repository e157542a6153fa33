"""All steps of one stack, in the order in which they were thought of; `after` says what waits."""

import sys
from collections.abc import Callable

from deploy.local import postgres, service_parts
from deploy.local.addresses import HOST, Addresses
from deploy.local.kafka import broker, jars
from deploy.local.probes import answers
from deploy.local.secret_values import read_or_make
from deploy.local.settings import StackSettings
from deploy.local.steps import Part, Step


def make(settings: StackSettings, addresses: Addresses, say: Callable[[str], None]) -> list[Step]:
    """Return the steps; what has to be fetched first is fetched here."""
    result: list[Step] = []
    if "kafka" in settings.foundation:
        if settings.starts("kafka"):
            result += broker.steps(settings, addresses, jars.ensure(say))
        result.append(service_parts.topics_step(settings, addresses))
    if "postgres" in settings.foundation:
        result += postgres.steps(settings, addresses)
    if settings.starts("oidc"):
        result.append(_oidc(settings, addresses))
    if settings.starts("inbox"):
        result.append(_inbox(settings, addresses))
    secret_values = read_or_make(settings.state_dir)
    result += service_parts.steps(settings, addresses, secret_values)
    if settings.seed and settings.services:
        result.append(service_parts.seed_step(settings, addresses, secret_values))
    return result


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

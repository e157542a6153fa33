"""Policy's composition root: the one place that constructs."""

from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process
from services.policy.api import REFUSALS, Parts, routes
from services.policy.consumers import SUBSCRIPTIONS
from services.policy.settings import PolicySettings


def build(settings: PolicySettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    service = Service("policy", settings)
    return service.process(
        roles=roles,
        routers=[routes],
        parts=Parts(
            database=service.database,
            authenticator=service.authenticator,
            organization_namespace=settings.organization_namespace,
            notify_relay=service.notify_relay,
        ),
        refusals=REFUSALS,
        subscriptions=SUBSCRIPTIONS,
        fetch_seconds=0.1,
    )

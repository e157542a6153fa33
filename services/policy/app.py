"""Policy's composition root: the one place that constructs."""

from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process
from services.policy.consumers import SUBSCRIPTIONS
from services.policy.http import REFUSALS, Routes
from services.policy.settings import PolicySettings


def build(settings: PolicySettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    service = Service("policy", settings)
    return service.process(
        roles=roles,
        routers=[Routes(service).router()],
        refusals=REFUSALS,
        subscriptions=SUBSCRIPTIONS,
    )

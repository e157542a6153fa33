"""Policy's composition root: the one place that constructs."""

from services.chassis.http.budgets.networks import TrustedProxies, networks_in
from services.chassis.http.public_path import at_public_path
from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process
from services.chassis.sign_in.cookies import SetCookies
from services.chassis.sign_in.setup import sign_in_of
from services.chassis.web import asset_routes
from services.chassis.web.assets import use_brand
from services.policy.api import routes
from services.policy.attempts import Attempts
from services.policy.audit_api import routes as audit_routes
from services.policy.consumers import SUBSCRIPTIONS
from services.policy.graph.setup import graph_worker
from services.policy.parts import Parts, Provisioning
from services.policy.refused import REFUSALS
from services.policy.scim import routes as scim
from services.policy.scim.errors import ScimErrors
from services.policy.settings import PolicySettings
from services.policy.timers import HANDLERS
from services.policy.web.rendering import HOME, problem_pages, show_notice
from services.policy.web.routers import ROUTERS as PAGES

ROUTERS = (routes, audit_routes, scim.routes, *PAGES, asset_routes.routes)


def build(settings: PolicySettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    use_brand(settings.brand)
    service = Service("policy", settings)
    sign_in = sign_in_of(settings, service.keys, service.provider, show_notice, home=HOME)
    parts = Parts(
        database=service.database,
        authenticator=service.authenticator,
        organization_namespace=settings.organization_namespace,
        notify_relay=service.notify_relay,
        gate=sign_in.gate,
        keys=service.keys,
        provisioning=Provisioning(
            tokens=settings.scim_digests,
            identity=settings.scim_identity,
            url=f"{settings.own_url}{scim.PREFIX}",
        ),
    )
    graph = graph_worker(settings, parts)
    process = service.process(
        roles=roles,
        routers=[*ROUTERS, sign_in.routes],
        parts=parts,
        workers=[graph.run] if graph else (),
        close=[graph.close] if graph else (),
        refusals={**REFUSALS, **sign_in.answers},
        subscriptions=SUBSCRIPTIONS,
        fetch_seconds=0.1,
        timers=HANDLERS,
    )
    if process.app is not None:
        attempts = Attempts(
            process.app,
            database=service.database,
            authenticator=service.authenticator,
            gate=sign_in.gate,
            proxies=TrustedProxies(networks_in(settings.trusted_proxies)),
            user_id=parts.user_id,
        )
        pages = problem_pages(ScimErrors(SetCookies(attempts)))
        process.app = at_public_path(pages, settings.own_url)
    return process

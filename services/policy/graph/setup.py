"""Graph's worker from the settings, where they name a tenant."""

from services.policy.graph.client import GraphAccess, GraphClient
from services.policy.graph.syncing import Mapped
from services.policy.graph.worker import GraphWorker
from services.policy.parts import Parts
from services.policy.settings import PolicySettings


def graph_worker(settings: PolicySettings, parts: Parts) -> GraphWorker | None:
    """Return the worker, None where Graph is not read."""
    if settings.graph_tenant is None:
        return None
    access = GraphAccess(
        tenant=settings.graph_tenant,
        client_id=settings.graph_client_id or "",
        client_secret=settings.graph_client_secret or "",
        url=settings.graph_url,
        sign_in_url=settings.graph_sign_in_url,
    )
    mapped = Mapped(
        tenant=settings.graph_tenant,
        namespace=settings.organization_namespace,
        identity=settings.graph_identity,
        plan=settings.graph_service_plan,
    )
    client = GraphClient(access)
    seconds = settings.graph_seconds
    return GraphWorker(parts, client, mapped, url=settings.graph_url, seconds=seconds)

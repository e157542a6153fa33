"""The round trips to Microsoft Graph: page by page, then again after a while; one at a time."""

import asyncio
from functools import partial

import structlog

from services.chassis.events.retries import run_with_retries
from services.chassis.ids import new_id
from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.runtime.cause import Cause, caused_by
from services.policy.directory.graph_state import GraphState, graph_state, start_again
from services.policy.graph.client import ComeAgain, GraphAway, GraphClient, StartAgain
from services.policy.graph.syncing import BY, Mapped, apply_page
from services.policy.graph.users import SELECTED, page_of
from services.policy.origin import Origin, origin
from services.policy.parts import Parts

log = structlog.get_logger(__name__)


class GraphWorker:
    """Reads the tenant's users in each process that has timers; the first with a page keeps it."""

    def __init__(
        self, parts: Parts, client: GraphClient, mapped: Mapped, *, url: str, seconds: float
    ) -> None:
        self._parts = parts
        self._client = client
        self._mapped = mapped
        self._first = f"{url}/users/delta?$select={SELECTED}"
        self._seconds = seconds

    async def run(self) -> None:
        """Read for ever."""
        while True:
            wait = await self.step()
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def step(self) -> float:
        """Read one page; return for how long to wait before the next one."""
        began = GraphState()
        try:
            tenant = self._mapped.tenant
            began = await self._parts.read(lambda c: graph_state(c, tenant))
            page = page_of(await self._client.page(began.link or self._first))
            with caused_by(_cause()):
                token = origin.set(Origin("graph"))
                try:
                    apply = partial(apply_page, mapped=self._mapped, began=began, page=page)
                    await self._parts.write(apply)
                finally:
                    origin.reset(token)
        except ComeAgain as asked:
            log.info("graph_asks_to_wait", seconds=round(asked.seconds))
            return asked.seconds
        except StartAgain:
            log.warning("graph_starts_again")
            return await self._start_again(began)
        except (GraphAway, *PASSING_FAULTS) as fault:
            log.warning("graph_does_not_answer", fault=str(fault) or type(fault).__name__)
            return self._seconds
        return self._seconds if page.is_last else 0.0

    async def _start_again(self, began: GraphState) -> float:
        if began.link is None:
            return self._seconds
        await run_with_retries(
            self._parts.database,
            partial(start_again, tenant=self._mapped.tenant, link=began.link),
        )
        return 0.0


def _cause() -> Cause:
    fresh = str(new_id())
    return Cause(fresh, fresh, BY)

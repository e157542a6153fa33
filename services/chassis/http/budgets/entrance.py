"""The entrance of a service: its budgets, and their counts as all of its processes share them."""

from collections.abc import Callable, Iterable, Sequence

from starlette.requests import Request
from starlette.types import ASGIApp

from services.chassis.http.budgets.admission import Admission, WhoSent
from services.chassis.http.budgets.counts import SharedCounts
from services.chassis.http.budgets.exchange import Exchange
from services.chassis.http.budgets.networks import TrustedProxies
from services.chassis.http.budgets.sizes import Budget
from services.chassis.http.budgets.spending import Budgets, Cost
from services.chassis.postgres.database import Database


class Entrance:
    """What requests pass before they are served, in one process."""

    def __init__(
        self,
        budgets: Iterable[Budget],
        *,
        database: Database,
        secret: bytes,
        grace_seconds: float,
        proxies: TrustedProxies,
        costs: Callable[[str], Sequence[Cost]],
        mark: Callable[[Request], str | None],
        has_session: Callable[[Request], bool] = lambda _: False,
    ) -> None:
        """`costs` is what each request of a network costs; `mark` tells its visitors apart."""
        counts = SharedCounts(secret)
        self.budgets = Budgets(budgets, counts)
        self._exchange = Exchange(counts, database, grace_seconds=grace_seconds)
        self._proxies = proxies
        self._costs = costs
        self._mark = mark
        self._has_session = has_session

    def before(self, app: ASGIApp, who_sent: WhoSent) -> ASGIApp:
        """Return the application behind the entrance."""
        return Admission(
            app,
            budgets=self.budgets,
            is_shared=lambda: self._exchange.is_shared,
            proxies=self._proxies,
            who_sent=who_sent,
            costs=self._costs,
            mark=self._mark,
            has_session=self._has_session,
        )

    async def run(self) -> None:
        """Share the counts with the other processes, until cancelled."""
        await self._exchange.run()

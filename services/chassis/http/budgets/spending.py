"""Spending budgets: all that a request costs, or a refusal that says when to ask again."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from limits.strategies import FixedWindowRateLimiter
from prometheus_client import Counter

from contracts.problem_types import BUDGET_EXHAUSTED
from services.chassis.http.budgets.counts import SharedCounts
from services.chassis.http.budgets.sizes import Budget
from services.chassis.http.problems import Problem

log = structlog.get_logger(__name__)

EXHAUSTED = Counter(
    "bookwith_budget_exhausted_total", "Requests refused because a budget was used up", ["budget"]
)

# The name of a budget, and whose share of it.
Cost = tuple[str, str]
MOST_TOLD = 1000


class Budgets:
    """The budgets of a service, and what is used of them."""

    def __init__(
        self,
        budgets: Iterable[Budget],
        counts: SharedCounts,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._budgets: Mapping[str, Budget] = {each.name: each for each in budgets}
        self._counts = counts
        self._limiter = FixedWindowRateLimiter(counts)
        self._clock = clock
        # Until when the log has been told of a key.
        self._told: dict[str, float] = {}
        for name in self._budgets:
            EXHAUSTED.labels(name)  # there from the start, at 0

    def spend(self, *costs: Cost) -> None:
        """Spend all of it, or nothing; raise `budget-exhausted`."""
        ended = [(self._ends(cost), cost) for cost in costs]
        if over := [(ends, cost) for ends, cost in ended if ends is not None]:
            raise self._exhausted(*max(over))
        for name, whose in costs:
            for item in self._budgets[name].items:
                self._limiter.hit(item, name, whose)

    def give_back(self, cost: Cost) -> None:
        """Give one back of what was spent."""
        name, whose = cost
        for item in self._budgets[name].items:
            self._counts.incr(item.key_for(name, whose), item.get_expiry(), -1)

    def exhausted_until(self, *costs: Cost) -> datetime | None:
        """Return until when one of these is used up; None while none is."""
        ended = [ends for cost in costs if (ends := self._ends(cost)) is not None]
        return datetime.fromtimestamp(max(ended), UTC) if ended else None

    def _ends(self, cost: Cost) -> float | None:
        name, whose = cost
        over = [
            self._limiter.get_window_stats(item, name, whose).reset_time
            for item in self._budgets[name].items
            if not self._limiter.test(item, name, whose)
        ]
        return max(over, default=None)

    def _exhausted(self, ends: float, cost: Cost) -> Problem:
        name, whose = cost
        EXHAUSTED.labels(name).inc()
        self._tell(ends, name, whose)
        seconds = max(math.ceil(ends - self._clock()), 1)
        return Problem(
            BUDGET_EXHAUSTED,
            f"{self._budgets[name].refused} Ask again in {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
            retry_after_seconds=seconds,
            budget=name,
        )

    def _tell(self, ends: float, name: str, whose: str) -> None:
        """Log it once for each key and window; whose it is the log does not say."""
        key = f"{name}/{whose}"
        if self._told.get(key, 0.0) >= ends:
            return
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
        self._told[key] = ends
        until = datetime.fromtimestamp(ends, UTC).isoformat()
        log.warning("budget_exhausted", budget=name, until=until)


@dataclass(slots=True)
class Visitor:
    """A caller who has not signed in; what one request costs it costs once.

    `mark` tells visitors of one network apart, where something does.
    """

    budgets: Budgets
    network: str
    mark: str | None = None
    _spent: set[Cost] = field(default_factory=set)

    def spend(self, *costs: Cost) -> None:
        """Spend what this request has not spent yet; raise `budget-exhausted`."""
        new = [cost for cost in dict.fromkeys(costs) if cost not in self._spent]
        self.budgets.spend(*new)
        self._spent.update(new)

    def has_spent(self, cost: Cost) -> bool:
        """Tell whether this request has spent it."""
        return cost in self._spent

    def give_back(self, cost: Cost) -> None:
        """Give one back of what this request, or one before it, has spent."""
        self.budgets.give_back(cost)
        self._spent.discard(cost)


visitor: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def spend(*costs: Cost) -> None:
    """Spend it if the request is an anonymous visitor's; raise `budget-exhausted`."""
    if (current := visitor.get()) is not None:
        current.spend(*costs)

"""One log line and one measurement for each request: what was asked of which route, and the answer.

The line has the route's template and never the address that was sent: that may hold a token. Of
requests that succeed a share is logged; whatever was refused is logged always, with its problem.
"""

import structlog
from starlette.types import Scope

from services.chassis.http.problems import Problem, problem_of
from services.chassis.http.route_table import RouteTable
from services.chassis.runtime.telemetry import REQUEST_ROUND_TRIPS, REQUEST_SECONDS

log = structlog.get_logger(__name__)

# Asked every few seconds by machines: only what is wrong with them is worth a line.
PROBES = ("/livez", "/readyz", "/metrics")
# Of a request that never arrived as a whole there is neither method nor route.
UNREAD = "unread"


class RequestLog:
    """Logs and measures the requests of one process; `share` of those that succeed is logged."""

    def __init__(self, routes: RouteTable | None = None, share: float = 1.0) -> None:
        self._routes = routes or RouteTable(())
        self._share = share
        self._owed = 0.0

    def note(
        self, method: str, scope: Scope, status: int, seconds: float, round_trips: int
    ) -> None:
        """Log and measure a request that was answered after so many waits for the database."""
        route = self._routes.template(scope)
        REQUEST_SECONDS.labels(method, route, status).observe(seconds)
        REQUEST_ROUND_TRIPS.labels(method, route).observe(round_trips)
        problem = problem_of(scope)
        if problem is None and status < 400 and (route in PROBES or not self._is_chosen()):
            return
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            round_trips=round_trips,
            problem=problem.type.path if problem else None,
        )

    def _is_chosen(self) -> bool:
        """Choose evenly: of a share of 0.1 each tenth request."""
        self._owed += self._share
        if self._owed < 1:
            return False
        self._owed -= 1
        return True


def log_unread(problem: Problem) -> None:
    """Log and measure a request that was refused before it had arrived."""
    REQUEST_SECONDS.labels(UNREAD, UNREAD, problem.status).observe(0)
    log.info(
        "request", method=UNREAD, route=UNREAD, status=problem.status, problem=problem.type.path
    )

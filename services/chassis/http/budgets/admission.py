"""Admission: what callers who have not signed in send to change something is paid for first."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.http.budgets.networks import TrustedProxies
from services.chassis.http.budgets.spending import Budgets, Cost, Visitor, visitor
from services.chassis.http.problems import Problem, response, unavailable

READS = ("GET", "HEAD", "OPTIONS")
# What is asked for again while nothing can be counted.
NOT_COUNTED = "Requests cannot be counted at the moment, and so none without a sign-in is taken."

# Tells who sent an Authorization header; raises the problem of one that names nobody.
WhoSent = Callable[[str | None], Awaitable[object]]


class Admission:
    """ASGI middleware: an anonymous write spends its budgets, ahead of whatever it would store.

    Who is signed in is neither counted nor refused, whatever others have used up: nobody can be
    locked out of what is theirs.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        budgets: Budgets,
        is_shared: Callable[[], bool],
        proxies: TrustedProxies,
        who_sent: WhoSent,
        costs: Callable[[str], Sequence[Cost]],
        mark: Callable[[Request], str | None],
        has_session: Callable[[Request], bool] = lambda _: False,
    ) -> None:
        """`costs` is what each request of a network costs; `mark` tells its visitors apart."""
        self._app = app
        self._budgets = budgets
        self._is_shared = is_shared
        self._proxies = proxies
        self._who_sent = who_sent
        self._costs = costs
        self._mark = mark
        self._has_session = has_session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request if it is not anonymous, only reads, or can be paid for."""
        if scope["type"] != "http" or scope["method"] in READS:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if await self._is_signed_in(request):
            await self._app(scope, receive, send)
            return
        network = self._proxies.network_of(scope)
        caller = Visitor(self._budgets, network, self._mark(request))
        try:
            if not self._is_shared():
                raise unavailable(NOT_COUNTED)
            caller.spend(*self._costs(network))
        except Problem as refused:
            await response(refused)(scope, receive, send)
            return
        token = visitor.set(caller)
        try:
            await self._app(scope, receive, send)
        finally:
            visitor.reset(token)

    async def _is_signed_in(self, request: Request) -> bool:
        if self._has_session(request):
            return True
        sent = request.headers.get("authorization")
        if sent is None:
            return False
        try:
            await self._who_sent(sent)
        except Problem:  # the route refuses it, or does not care
            return False
        return True

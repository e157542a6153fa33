"""Attempts to change something that were refused: recorded in the audit before they are answered.

Whatever the address: the API, the pages and SCIM pass here. Who is not signed in is nobody whom an
audit could name: their requests are in the log of requests, and cannot fill this table. What those
may add who are signed in is bounded, for each person and for all without the role together.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.http.budgets.networks import TrustedProxies
from services.chassis.http.problems import Problem, problem_of
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.ids import new_id
from services.chassis.postgres.database import PASSING_FAULTS, Database, fetch_one, sql
from services.chassis.sign_in.gate import Gate
from services.policy.asked_settings import asked_in, body_in, plain, reason_in
from services.policy.origin import Origin, noted_caller, origin, shortened, way_of

log = structlog.get_logger(__name__)

READS = ("GET", "HEAD", "OPTIONS")
# What is no attempt at anything of ours: nobody is named, or the request has not arrived.
NOT_ATTEMPTS = (401, 405, 408, 429)
UNDER = ("/api/policy/", "/admin", "/scim/")
ATTEMPTS = Counter(
    "bookwith_policy_refused_attempts_total",
    "Refused attempts to change the policy, by whether the audit has them",
    ["recorded"],
)  # recorded: yes | budget | fault
KEPT_BYTES = 64 * 1024
LONGEST_DETAIL = 500
PREFIXES = ("/api/policy/v1", "/admin", "/scim/v2")
TARGETS = (
    ("/organization", "organization"),
    ("/users:import", "users"),
    ("/users/", "user"),
    ("/Users", "user"),
    ("/sharing", "sharing_policy"),
    ("/plans/", "plan"),
    ("/changes/", "change"),
    ("/audit/", "change"),
    ("/imports/", "users"),
)

# An hour of one administrator, of one other person, of all other persons together.
BUDGETS = {"administrator": 1000, "other": 20, "others": 500}
_USED = sql("""
    SELECT count(*) FILTER (WHERE who = %(who)s) AS own,
        count(*) FILTER (WHERE (record::jsonb ->> 'role') = 'other') AS others
    FROM audit
    WHERE outcome = 'refused'
        AND at > audit_time(clock_timestamp() - interval '1 hour')
""")
_APPEND = sql("SELECT append_audit(%(record)s::jsonb)")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom an attempt is of."""

    who: str
    role: str


class Attempts:
    """ASGI middleware: notes where a request comes from, and records it when it is refused."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        database: Database,
        authenticator: Authenticator,
        gate: Gate,
        proxies: TrustedProxies,
        user_id: Callable[[str], UUID],
    ) -> None:
        self._app = app
        self._database = database
        self._authenticator = authenticator
        self._gate = gate
        self._proxies = proxies
        self._user_id = user_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        if scope["type"] != "http" or not scope["path"].startswith(UNDER):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})  # whoever hands on a copy of the scope hands this one on
        request = Request(scope)
        way = way_of(scope["path"], request.headers.get("user-agent", ""))
        token = origin.set(Origin(way, shortened(self._proxies.network_of(scope))))
        try:
            if scope["method"] in READS:
                await self._app(scope, receive, send)
            else:
                await self._watched(request, receive, send)
        finally:
            origin.reset(token)

    async def _watched(self, request: Request, receive: Receive, send: Send) -> None:
        body = bytearray()

        async def kept() -> Message:
            message = await receive()
            if len(body) <= KEPT_BYTES:
                body.extend(message.get("body", b""))
            return message

        async def recorded(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_refusal(message):
                await self._record(request, message, bytes(body))
            await send(message)

        await self._app(request.scope, kept, recorded)

    async def _record(self, request: Request, answer: Message, body: bytes) -> None:
        caller = await self._caller(request)
        if caller is None or (route := template_of(request)) is None:
            return
        record = self._described(request, route, answer, body, caller)
        try:
            recorded = await self._append(caller, record)
        except PASSING_FAULTS as fault:
            log.warning("refused_attempt_not_recorded", fault=type(fault).__name__)
            recorded = "fault"
        except Exception:  # the attempt is refused whatever becomes of its record
            log.exception("refused_attempt_fault")
            recorded = "fault"
        ATTEMPTS.labels(recorded).inc()

    async def _append(self, caller: Caller, record: dict[str, Any]) -> str:
        async with self._database.connection() as connection:
            used = await fetch_one(connection, _USED, who=caller.who)
            assert used is not None
            left = _left(caller, used)
            if left <= 0:
                return "budget"
            record["attempt"]["last_of_budget"] = left == 1
            await fetch_one(connection, _APPEND, record=json.dumps(record))
            return "yes"

    def _described(
        self, request: Request, route: str, answer: Message, content: bytes, caller: Caller
    ) -> dict[str, Any]:
        """Return the record but for its time and its place in the chain."""
        body = body_in(content, request.headers.get("content-type", ""))
        problem = problem_of(request.scope)
        what, whom = self._target(route, request.path_params)
        come = origin.get()
        return {
            "id": str(new_id()),
            "outcome": "refused",
            "who": caller.who,
            "role": caller.role,
            "what": what,
            "whom": whom,
            "why": reason_in(body),
            "origin": asdict(come) if come else None,
            "correlation_id": _header(answer, b"x-correlation-id"),
            "attempt": {
                "method": request.method,
                "route": route,
                "dry_run": request.query_params.get("dry_run"),
                "status": answer["status"],
                "problem": problem.type.path if problem else None,
                "detail": plain(problem.detail[:LONGEST_DETAIL]) if problem else None,
                "if_match": _short(request.headers.get("if-match")),
                "asked": asked_in(body),
            },
        }

    def _target(self, route: str, given: Mapping[str, Any]) -> tuple[str, str | None]:
        """Return what the route is about, and the one thing of its kind that is named."""
        place = next(
            (route.removeprefix(each) for each in PREFIXES if route.startswith(each)), route
        )
        what = next((what for start, what in TARGETS if place.startswith(start)), route)
        named = _short(next(map(str, given.values()), None))
        return what, str(self._user_id(named)) if named and what == "user" else named

    async def _caller(self, request: Request) -> Caller | None:
        """Return who asked, by a token or by the session of pages; nobody else has a name here."""
        noted = noted_caller(request.scope)
        if noted is not None:
            return Caller(noted, "administrator")
        principal: Principal | None = None
        if (sent := request.headers.get("authorization")) is not None:
            try:
                principal = await self._authenticator.authenticate(sent)
            except Problem:
                return None
        elif not request.scope["path"].startswith("/api/"):
            principal = self._gate.who(request)
        if principal is None:
            return None
        role = "administrator" if "administrator" in principal.roles else "other"
        return Caller(str(principal.id), role)


def _is_refusal(answer: Message) -> bool:
    status = answer["status"]
    given_again = any(name.lower() == b"idempotent-replayed" for name, _ in answer["headers"])
    return 400 <= status < 500 and status not in NOT_ATTEMPTS and not given_again


def _left(caller: Caller, used: Mapping[str, int]) -> int:
    left = BUDGETS[caller.role] - used["own"]
    return left if caller.role == "administrator" else min(left, BUDGETS["others"] - used["others"])


def template_of(request: Request) -> str | None:
    """Return the template of the route; None where there is none for the address."""
    route = request.scope.get("route")
    return str(route.path) if isinstance(route, Route) else None


def _header(answer: Message, name: bytes) -> str | None:
    return next((value.decode() for held, value in answer["headers"] if held.lower() == name), None)


def _short(text: str | None) -> str | None:
    return None if text is None else plain(text[:256])

"""The addresses of sign-in: to the provider, back from it, and out."""

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.chassis.http.form_fields import fields_of
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.form_keys import FormFromBefore, check_session, session_key
from services.chassis.identity.provider import ProviderAway
from services.chassis.identity.relying_party import ClientRefused, RelyingParty, SignInRefused
from services.chassis.sign_in.answers import sign_in_path
from services.chassis.sign_in.cookies import set_cookie
from services.chassis.sign_in.gate import Gate
from services.chassis.sign_in.notices import Confirmation, Notice, ShowNotice, WayOn
from services.chassis.sign_in.own_paths import own_path
from services.chassis.sign_in.requests import (
    KEPT_SECONDS,
    SignInRequest,
    SignInRequests,
    mark_of,
)

log = structlog.get_logger(__name__)

READ = ["GET", "HEAD"]
SIGN_OUT = "sign-out"
# The provider's word for a person who does not want to, and for a time without service.
DENIED = "access_denied"
AWAY = frozenset({"server_error", "temporarily_unavailable"})
# The address of an answer holds a code: nobody is told of it.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class SignInRoutes:
    """Signs people in and out, in front of one service's pages."""

    def __init__(
        self,
        gate: Gate,
        keys: KeyRing,
        party: RelyingParty | None,
        show: ShowNotice,
        *,
        home: str,
    ) -> None:
        """Without a relying party there is no sign-in, and a page says so."""
        self._gate = gate
        self._show = show
        self._home = home
        self._keys = keys
        self._requests = SignInRequests(keys)
        self._party = party
        routes = APIRouter(include_in_schema=False)
        routes.add_api_route("/sign-in", self.sign_in, methods=READ)
        routes.add_api_route("/sign-in/callback", self.come_back, methods=READ)
        routes.add_api_route("/sign-out", self.ask_to_sign_out, methods=READ)
        routes.add_api_route("/sign-out", self.sign_out, methods=["POST"])
        self.routes = routes

    async def sign_in(self, request: Request) -> Response:
        """Lead to the provider; who is signed in already goes on at once."""
        query = request.query_params
        to = own_path(query.get("to"), self._home)
        somebody_else = query.get("as") == "somebody-else"
        if not somebody_else and self._gate.signed_in(request):
            return _see_other(to)
        return await self._lead_to_provider(request, to, somebody_else=somebody_else)

    async def come_back(self, request: Request) -> Response:
        """Take the provider's answer."""
        begun = self._requests.read(request.query_params.get("state", ""))
        signed_in = self._gate.signed_in(request) is not None
        if begun is None or self._party is None:
            return _see_other(self._home) if signed_in else self._unknown(request)
        if not begun.is_of(request.cookies.get(self._gate.names.browser, "")):
            if signed_in:
                return _see_other(begun.to)
            if begun.attempt > 1:
                return self._notice(request, "cookies", 400, begun.to)
            # Another tab may have begun at the same moment: its mark is the one that is kept.
            return await self._lead_to_provider(request, begun.to, attempt=begun.attempt + 1)
        return await self._answered(request, self._party, begun, signed_in=signed_in)

    async def ask_to_sign_out(self, request: Request) -> Response:
        """Ask whether to sign out; say so where nobody is signed in."""
        principal = self._gate.signed_in(request)
        if principal is None:
            return self._notice(request, "signed-out", 200, self._home)
        key = session_key(self._keys, principal, SIGN_OUT)
        notice = Notice(
            kind="sign-out",
            name=principal.name,
            ways=(WayOn(self._home, "sign_in.way.stay"),),
            confirmation=Confirmation("/sign-out", key),
        )
        return self._show(request, notice)

    async def sign_out(self, request: Request) -> Response:
        """Sign out here, then lead to the provider, which ends its own session."""
        fields = await fields_of(request)
        principal = self._gate.signed_in(request)
        if principal is None:
            return self._notice(request, "signed-out", 200, self._home)
        try:
            check_session(self._keys, fields, principal, SIGN_OUT)
        except FormFromBefore:
            return _see_other("/sign-out")  # asks again, with a key of this session
        self._gate.end(request, principal)
        there = await self._party.sign_out_address() if self._party else None
        if there is None:
            return self._notice(request, "signed-out", 200, self._home)
        # Not a redirect: the pages' headers forbid their forms to lead to another site.
        notice = Notice(
            kind="signed-out-here", ways=(WayOn(there, "sign_in.way.provider"),), leads_to=there
        )
        return self._show(request, notice)

    async def _lead_to_provider(
        self, request: Request, to: str, *, attempt: int = 1, somebody_else: bool = False
    ) -> Response:
        if self._party is None:
            return self._show(request, Notice(kind="not-set-up", status=503))
        name = self._gate.names.browser
        mark = mark_of(request.cookies.get(name))
        state, challenge = self._requests.begin(mark, to, attempt)
        try:
            address = await self._party.sign_in_address(
                state, challenge, somebody_else=somebody_else
            )
        except ProviderAway as away:
            return self._away(request, to, away)
        set_cookie(request, name, mark, KEPT_SECONDS)
        return RedirectResponse(address, 303, headers=HEADERS)

    async def _answered(
        self, request: Request, party: RelyingParty, begun: SignInRequest, *, signed_in: bool
    ) -> Response:
        query = request.query_params
        error, code = query.get("error"), query.get("code")
        if error == DENIED:
            return self._notice(request, "denied", 403, begun.to, somebody_else=True)
        if error in AWAY:
            return self._away(request, begun.to, ProviderAway(error))
        if error is not None or code is None or query.get("iss", party.issuer) != party.issuer:
            log.warning("sign_in_refused", reason=f"answer of the provider: {error}"[:200])
            return self._notice(request, "refused", 403, begun.to)
        try:
            who = await party.person_behind(code, begun.challenge)
        except ProviderAway as away:
            return self._away(request, begun.to, away)
        except SignInRefused as refused:
            if signed_in:  # an answer that was taken already: Back, or loaded again
                return _see_other(begun.to)
            log.warning("sign_in_refused", reason=str(refused)[:200])
            kind = "not-accepted" if isinstance(refused, ClientRefused) else "refused"
            return self._notice(request, kind, 403, begun.to)
        self._gate.begin(request, who)
        return _see_other(begun.to)

    def _unknown(self, request: Request) -> Response:
        denied = request.query_params.get("error") == DENIED  # some leave the state out then
        return self._notice(request, "denied" if denied else "lost", 400, self._home)

    def _away(self, request: Request, to: str, away: ProviderAway) -> Response:
        log.warning("oidc_provider_unreachable", fault=str(away))
        notice = Notice(
            kind="away",
            status=503,
            ways=(WayOn(sign_in_path(to), "sign_in.way.again"),),
            headers={"Retry-After": "5"},
        )
        return self._show(request, notice)

    def _notice(
        self, request: Request, kind: str, status: int, to: str, *, somebody_else: bool = False
    ) -> Response:
        ways = [WayOn(sign_in_path(to), "sign_in.way.again")]
        if somebody_else:
            other = sign_in_path(to, somebody_else=True)
            ways.append(WayOn(other, "sign_in.way.somebody_else"))
        return self._show(request, Notice(kind=kind, status=status, ways=tuple(ways)))


def _see_other(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, headers=HEADERS)

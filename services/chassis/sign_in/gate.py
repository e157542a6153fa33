"""The gate in front of pages: who is signed in, and what happens to those who are not.

A page asks for its person; without a session, or without the role, the gate raises an exception
that `answers` maps once, for all pages of a service.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.http.form_fields import fields_of
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.identity.form_keys import FIELD, FormFromBefore
from services.chassis.identity.sealing import Seal
from services.chassis.identity.sessions import Session, Sessions
from services.chassis.sign_in.cookies import CookieNames, drop_cookie, set_cookie
from services.chassis.sign_in.drafts import Draft, Drafts
from services.chassis.sign_in.notices import Notice, ShowNotice, WayOn
from services.chassis.sign_in.own_paths import own_path, path_of
from services.chassis.sign_in.settings import SignInSettings

READS = ("GET", "HEAD")
NOT_STORED = {"Cache-Control": "no-store"}
_FORM_AT = "form_at"

Answer = Callable[[Request, Exception], Awaitable[Response]]


class SignInNeeded(Exception):
    """Nobody is signed in; `typed` is what a form has sent."""

    def __init__(self, typed: Mapping[str, str] | None = None) -> None:
        super().__init__("nobody is signed in")
        self.typed = typed


class RoleMissing(Exception):
    """Somebody is signed in who may not see the page."""

    def __init__(self, principal: Principal) -> None:
        super().__init__("the role is missing")
        self.principal = principal


@dataclass(frozen=True, slots=True)
class _Ended:
    """A session that somebody signed out of, here or in another tab."""

    session: str
    person: UUID


class Gate:
    """Reads and renews sessions, keeps drafts, and answers for pages that may not be seen."""

    def __init__(
        self, keys: KeyRing, settings: SignInSettings, show: ShowNotice, *, home: str
    ) -> None:
        """`home` is the page behind a sign-in that was not asked for by another."""
        self.home = home
        self.show = show
        self.names = CookieNames(settings.public_url)
        self._absolute = settings.session_seconds
        self._sessions = Sessions(
            keys,
            settings.organization_namespace,
            idle=timedelta(seconds=settings.session_idle_seconds),
            absolute=timedelta(seconds=settings.session_seconds),
        )
        self._ended = Seal(keys, "ended session")
        self._drafts = Drafts(keys, self.names)

    def is_signed_in(self, request: Request) -> bool:
        """Tell whether the request comes with a session; changes nothing."""
        return self._live(request) is not None

    def signed_in(self, request: Request) -> Principal | None:
        """Return who is signed in, without asking for it; a session that is used goes on."""
        session = self._live(request)
        if session is None:
            return None
        now = datetime.now(UTC)
        if self._sessions.wants_renewal(session, now):
            self._keep(request, replace(session, used_at=now))
        return session.principal

    async def person(
        self, request: Request, roles: frozenset[str], form_at: str | None = None
    ) -> Principal:
        """Return who is signed in with one of the roles.

        `form_at` is the page that shows the form which the request sends; without it that is the
        address that the form is sent to, or the home page where that shows none.

        Raises:
            SignInNeeded: nobody is signed in.
            RoleMissing: somebody else is.
        """
        if form_at is not None:
            request.scope.setdefault("state", {})[_FORM_AT] = form_at
        principal = self.signed_in(request)
        if principal is None:
            reads = request.method in READS
            raise SignInNeeded(None if reads else await fields_of(request))
        if not principal.roles & roles:
            raise RoleMissing(principal)
        if request.method not in READS:
            self._forget_draft(request)
        return principal

    def draft(self, request: Request, principal: Principal) -> Mapping[str, str] | None:
        """Return what the person has typed into this page's form before they had to sign in."""
        draft = self._drafts.read(request)
        if draft is None or draft.person != principal.id:
            return None
        return (
            draft.fields
            if own_path(draft.form_at, "").partition("?")[0] == _path(request)
            else None
        )

    def begin(self, request: Request, principal: Principal) -> None:
        """Sign the person in, in this browser."""
        self._keep(request, self._sessions.begin(principal))

    def end(self, request: Request, principal: Principal) -> None:
        """Sign the person out, in all tabs; a tab that is just being served cannot undo it."""
        ended = self._ended.seal(f"{principal.session} {principal.id}".encode())
        set_cookie(request, self.names.ended, ended, self._absolute)
        drop_cookie(request, self.names.session)

    @property
    def answers(self) -> dict[type[Exception], Answer]:
        """Return the answers to the gate's exceptions."""
        return {
            SignInNeeded: self._on_sign_in_needed,
            RoleMissing: self._on_role_missing,
            FormFromBefore: self._on_form_from_before,
        }

    async def _on_sign_in_needed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, SignInNeeded)
        if error.typed is None:
            return RedirectResponse(sign_in_path(path_of(request)), 303, headers=NOT_STORED)
        form_at = self._form_at(request)
        whose = self._person_of_before(request)
        kept = whose is not None and self._drafts.keep(
            request, Draft(whose, _path(request), form_at, error.typed)
        )
        typed = [text for name, text in error.typed.items() if name != FIELD and text.strip()]
        notice = Notice(
            kind="ended" if kept or not typed else "ended-unkept",
            status=403,
            ways=(WayOn(sign_in_path(form_at), "sign_in.way.again"),),
            typed=() if kept else typed,
        )
        return self.show(request, notice)

    async def _on_role_missing(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RoleMissing)
        to = path_of(request) if request.method in READS else self._form_at(request)
        other = WayOn(sign_in_path(to, somebody_else=True), "sign_in.way.somebody_else")
        notice = Notice(kind="role-missing", status=403, name=error.principal.name, ways=(other,))
        return self.show(request, notice)

    async def _on_form_from_before(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, FormFromBefore)
        form_at = self._form_at(request)
        draft = Draft(error.principal.id, _path(request), form_at, error.typed)
        if self._drafts.keep(request, draft):
            return RedirectResponse(form_at, 303, headers=NOT_STORED)
        typed = [text for name, text in error.typed.items() if name != FIELD and text.strip()]
        way = WayOn(form_at, "sign_in.way.form")
        return self.show(request, Notice(kind="form-unkept", status=403, ways=(way,), typed=typed))

    def _live(self, request: Request) -> Session | None:
        session = self._read(request)
        if session is None or self._sessions.is_over(session, datetime.now(UTC)):
            return None
        ended = self._ended_in(request)
        return None if ended and ended.session == session.id else session

    def _read(self, request: Request) -> Session | None:
        cookie = request.cookies.get(self.names.session)
        return self._sessions.unsealed(cookie) if cookie else None

    def _person_of_before(self, request: Request) -> UUID | None:
        """Return whose session it was that has ended."""
        session, ended = self._read(request), self._ended_in(request)
        if session is not None:
            return session.principal.id
        return ended.person if ended else None

    def _ended_in(self, request: Request) -> _Ended | None:
        cookie = request.cookies.get(self.names.ended)
        content = self._ended.unseal(cookie) if cookie else None
        if content is None:
            return None
        session, person = content.decode().split(" ")
        return _Ended(session, UUID(person))

    def _keep(self, request: Request, session: Session) -> None:
        # Longer than the session lasts: what is typed after its end belongs to somebody.
        seconds = self._absolute + 86_400
        set_cookie(request, self.names.session, self._sessions.sealed(session), seconds)

    def _forget_draft(self, request: Request) -> None:
        draft = self._drafts.read(request)
        if draft is not None and draft.action == _path(request):
            self._drafts.drop(request, draft)

    def _form_at(self, request: Request) -> str:
        named: str | None = request.scope.get("state", {}).get(_FORM_AT)
        if named is not None:
            return named
        shows = "GET" in request.app.state.route_table.methods(request.scope)
        return path_of(request) if shows else self.home


def sign_in_path(to: str, *, somebody_else: bool = False) -> str:
    """Return the address that signs in and leads on."""
    asked = {"to": to, **({"as": "somebody-else"} if somebody_else else {})}
    return f"/sign-in?{urlencode(asked)}"


def _path(request: Request) -> str:
    return path_of(request).partition("?")[0]

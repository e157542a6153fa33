"""The gate in front of pages: who is signed in, until when, and what they had typed before.

A page asks for its person; without a session, or without the role, the gate raises an exception
that `answers` maps once, for all pages of a service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from starlette.requests import Request

from services.chassis.http.form_fields import fields_of
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.identity.sealing import Seal
from services.chassis.identity.sessions import Session, Sessions
from services.chassis.sign_in.cookies import CookieNames, drop_cookie, set_cookie
from services.chassis.sign_in.drafts import Draft, Drafts
from services.chassis.sign_in.own_paths import plain_path_of
from services.chassis.sign_in.settings import SignInSettings

READS = ("GET", "HEAD")
# The session's cookie outlives the session: what is typed after its end belongs to somebody.
REMEMBERED_SECONDS = 86_400
_FORM_AT = "form_at"


class SignInNeeded(Exception):
    """Nobody is signed in; `typed` is what a form has sent."""

    def __init__(self, typed: Mapping[str, str] | None = None) -> None:
        super().__init__("nobody is signed in")
        self.typed = typed


class RoleMissing(Exception):
    """Somebody is signed in who may not see the page; `typed` is what a form has sent."""

    def __init__(self, principal: Principal, typed: Mapping[str, str] | None = None) -> None:
        super().__init__("the role is missing")
        self.principal = principal
        self.typed = typed


class LanguageAsked(Exception):
    """A form is only to be shown again, in another language, with what was typed."""

    def __init__(self, principal: Principal, typed: Mapping[str, str], language: str) -> None:
        super().__init__("the form is wanted in another language")
        self.principal = principal
        self.typed = typed
        self.language = language


@dataclass(frozen=True, slots=True)
class _Ended:
    """A session that somebody signed out of, here or in another tab."""

    session: str
    person: UUID


class Gate:
    """Reads and renews sessions; keeps drafts for those who have to sign in first."""

    def __init__(self, keys: KeyRing, settings: SignInSettings) -> None:
        self.names = CookieNames(settings.public_url)
        self.drafts = Drafts(keys, self.names)
        self._absolute = settings.session_seconds
        self._sessions = Sessions(
            keys,
            settings.organization_namespace,
            idle=timedelta(seconds=settings.session_idle_seconds),
            absolute=timedelta(seconds=settings.session_seconds),
        )
        self._ended = Seal(keys, "ended session")

    def has_session(self, request: Request) -> bool:
        """Tell whether the request comes with a session; changes nothing."""
        return self._live(request) is not None

    def who(self, request: Request) -> Principal | None:
        """Return who is signed in; changes nothing."""
        session = self._live(request)
        return session.principal if session else None

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
        reads = request.method in READS
        principal = self.signed_in(request)
        if principal is None:
            raise SignInNeeded(None if reads else await fields_of(request))
        if not principal.roles & roles:
            raise RoleMissing(principal, None if reads else await fields_of(request))
        if not reads:
            self._forget_draft(request)
        return principal

    def draft(self, request: Request, principal: Principal) -> Mapping[str, str] | None:
        """Return what the person had typed into this page's form before they had to sign in."""
        draft = self.drafts.read(request)
        if draft is None or draft.person != principal.id:
            return None
        if draft.form_at.partition("?")[0] != plain_path_of(request):
            return None
        if draft.once:
            self.drafts.drop(request, draft)
        return draft.fields

    def begin(self, request: Request, principal: Principal) -> None:
        """Sign the person in, in this browser."""
        self._keep(request, self._sessions.begin(principal, before=self._live(request)))

    def end(self, request: Request, principal: Principal) -> None:
        """Sign the person out, in all tabs; a tab that is just being served cannot undo it."""
        ended = self._ended.seal(f"{principal.session} {principal.id}".encode())
        set_cookie(request, self.names.ended, ended, self._absolute)
        drop_cookie(request, self.names.session)

    def person_of_before(self, request: Request) -> UUID | None:
        """Return whose session it was that has ended."""
        session, ended = self._read(request), self._ended_in(request)
        if session is not None:
            return session.principal.id
        return ended.person if ended else None

    def _live(self, request: Request) -> Session | None:
        session = self._read(request)
        if session is None or self._sessions.is_over(session, datetime.now(UTC)):
            return None
        ended = self._ended_in(request)
        return None if ended and ended.session == session.id else session

    def _read(self, request: Request) -> Session | None:
        cookie = request.cookies.get(self.names.session)
        return self._sessions.unsealed(cookie) if cookie else None

    def _ended_in(self, request: Request) -> _Ended | None:
        cookie = request.cookies.get(self.names.ended)
        content = self._ended.unseal(cookie) if cookie else None
        if content is None:
            return None
        session, person = content.decode().split(" ")
        return _Ended(session, UUID(person))

    def _keep(self, request: Request, session: Session) -> None:
        seconds = self._absolute + REMEMBERED_SECONDS
        set_cookie(request, self.names.session, self._sessions.sealed(session), seconds)

    def _forget_draft(self, request: Request) -> None:
        draft = self.drafts.read(request)
        if draft is not None and draft.action == plain_path_of(request):
            self.drafts.drop(request, draft)


def draft_of(
    request: Request,
    person: UUID,
    typed: Mapping[str, str],
    form_at: str,
    *,
    once: bool = False,
) -> Draft:
    """Return what the person has typed as a draft; one kept `once` is shown a single time."""
    return Draft(person, plain_path_of(request), form_at, typed, once)


def form_at(request: Request) -> str | None:
    """Return the page that shows the form which the request sends, if a page has said so."""
    named: str | None = request.scope.get("state", {}).get(_FORM_AT)
    return named

"""The answers to the gate's exceptions: to the sign-in, a page that says what to do, the form."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.identity.form_keys import FIELD, FormFromBefore
from services.chassis.sign_in.gate import (
    READS,
    Gate,
    LanguageAsked,
    RoleMissing,
    SignInNeeded,
    draft_of,
    form_at,
)
from services.chassis.sign_in.notices import Notice, ShowNotice, WayOn
from services.chassis.sign_in.own_paths import path_of

NOT_STORED = {"Cache-Control": "no-store"}

Answer = Callable[[Request, Exception], Awaitable[Response]]


class GateAnswers:
    """Answers requests that the gate has stopped."""

    def __init__(self, gate: Gate, show: ShowNotice, home: str) -> None:
        self._gate = gate
        self._show = show
        self._home = home

    @property
    def by_exception(self) -> dict[type[Exception], Answer]:
        """Return the answer to each exception."""
        return {
            SignInNeeded: self._on_sign_in_needed,
            RoleMissing: self._on_role_missing,
            FormFromBefore: self._on_form_from_before,
            LanguageAsked: self._on_language_asked,
        }

    async def _on_sign_in_needed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, SignInNeeded)
        if error.typed is None:
            # A script cannot follow to the provider; a person who opens a page can.
            if request.headers.get("sec-fetch-mode", "navigate") == "navigate":
                return RedirectResponse(sign_in_path(path_of(request)), 303, headers=NOT_STORED)
            return self._ended(request, "needed", path_of(request))
        shown_at = self._form_at(request)
        typed = _texts(error.typed)
        whose = self._gate.person_of_before(request)
        if not typed:
            return self._ended(request, "needed", shown_at)
        if whose is not None:
            draft = draft_of(request, whose, error.typed, shown_at)
            if self._gate.drafts.keep(request, draft):
                return self._ended(request, "ended", shown_at)
        return self._ended(request, "ended-unkept", shown_at, typed)

    async def _on_role_missing(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RoleMissing)
        to = path_of(request) if request.method in READS else self._form_at(request)
        other = WayOn(sign_in_path(to, somebody_else=True), "sign_in.way.somebody_else")
        typed = _texts(error.typed or {})
        kind = "role-missing-typed" if typed else "role-missing"
        notice = Notice(
            kind=kind, status=403, name=error.principal.name, ways=(other,), typed=typed
        )
        return self._show(request, notice)

    async def _on_form_from_before(self, request: Request, error: Exception) -> Response:
        """Show the form again with what was typed: it has a key of the new session there."""
        assert isinstance(error, FormFromBefore)
        shown_at = self._form_at(request)
        draft = draft_of(request, error.principal.id, error.typed, shown_at)
        typed = _texts(error.typed)
        if not typed or self._gate.drafts.keep(request, draft):
            return RedirectResponse(shown_at, 303, headers=NOT_STORED)
        way = WayOn(shown_at, "sign_in.way.form")
        notice = Notice(kind="form-unkept", status=403, ways=(way,), typed=typed)
        return self._show(request, notice)

    async def _on_language_asked(self, request: Request, error: Exception) -> Response:
        """Show the form once more in the language, with what was typed."""
        assert isinstance(error, LanguageAsked)
        shown_at = self._form_at(request)
        joint = "&" if "?" in shown_at else "?"
        there = f"{shown_at}{joint}{urlencode({'lang': error.language})}"
        draft = draft_of(request, error.principal.id, error.typed, there, once=True)
        if self._gate.drafts.keep(request, draft):
            return RedirectResponse(there, 303, headers=NOT_STORED)
        way = WayOn(there, "sign_in.way.form")
        typed = _texts(error.typed)
        return self._show(request, Notice(kind="language-unkept", ways=(way,), typed=typed))

    def _ended(self, request: Request, kind: str, to: str, typed: tuple[str, ...] = ()) -> Response:
        again = WayOn(sign_in_path(to), "sign_in.way.again")
        return self._show(request, Notice(kind=kind, status=403, ways=(again,), typed=typed))

    def _form_at(self, request: Request) -> str:
        named = form_at(request)
        if named is not None:
            return named
        shows = "GET" in request.app.state.route_table.methods(request.scope)
        return path_of(request) if shows else self._home


def sign_in_path(to: str, *, somebody_else: bool = False) -> str:
    """Return the address that signs in and leads on."""
    asked = {"to": to, **({"as": "somebody-else"} if somebody_else else {})}
    return f"/sign-in?{urlencode(asked)}"


def _texts(typed: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(text for name, text in typed.items() if name != FIELD and text.strip())

"""A visit of a signed-in administrator: the shell of their pages, keys of forms, and ways on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.http.parts import parts_of
from services.chassis.identity.claims import Principal
from services.chassis.identity.form_keys import session_key
from services.chassis.runtime.cause import acting
from services.chassis.sign_in.forms import fields_sent
from services.chassis.sign_in.routes import SIGN_OUT
from services.chassis.web.clock import Clock
from services.chassis.web.page_headers import PAGE_HEADERS
from services.chassis.web.pages import Header, NavigationLink, PageContent
from services.chassis.web.visits import Visit
from services.policy.parts import Parts
from services.policy.web.rendering import HOME, page, visit_of

ROLES = frozenset({"administrator"})
Tab = Literal["overview", "users", "organization", "sharing", "licences", "audit"]
# What stands in the header; the overview is behind the name of the site.
TABS: Sequence[tuple[Tab, str]] = (
    ("users", f"{HOME}/users"),
    ("organization", f"{HOME}/organization"),
    ("sharing", f"{HOME}/sharing"),
    ("licences", f"{HOME}/licences"),
    ("audit", f"{HOME}/audit"),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A request of an administrator, and what their pages are made with."""

    request: Request
    parts: Parts
    visit: Visit
    administrator: Principal

    @property
    def by(self) -> str:
        """Return who makes the changes, as the audit names them."""
        return str(self.administrator.id)

    @property
    def clock(self) -> Clock:
        """Return the clock of whoever reads the page; browsers without scripts read UTC."""
        return self.visit.clock("UTC")

    def moment(self, instant: datetime) -> str:
        """Return date and time as the page writes them."""
        return self.clock.moment(instant)

    def say(self, key: str, **facts: object) -> str:
        """Return the phrase in the language of the page."""
        return self.visit.reader.language.say(key, **facts)

    def key(self, action: str) -> str:
        """Return the key of the form that does this."""
        return session_key(self.parts.keys, self.administrator, action)

    def link(self, path: str, **query: str | None) -> str:
        """Return an address of ours that keeps the language and the zone of the page."""
        return self.visit.link(path, **query)

    def typed_before(self) -> Mapping[str, str]:
        """Return what was typed into this page's form before a new sign-in was needed."""
        return self.parts.gate.draft(self.request, self.administrator) or {}

    def show(
        self, content: PageContent, tab: Tab, *, status: int = 200, here: str | None = None
    ) -> Response:
        """Return the page in the shell; `here` is its address if this one only takes forms."""
        header = Header(
            home=self.link(HOME),
            links=[
                NavigationLink(self.link(href), f"admin.tab.{name}", current=name == tab)
                for name, href in TABS
            ],
            name=self.administrator.name,
            sign_out=f"/{SIGN_OUT}",
            form_key=self.key(SIGN_OUT),
        )
        return page(self.visit, content, status=status, here=here, header=header)

    def see_other(self, path: str, **query: str | None) -> RedirectResponse:
        """Lead on by GET after something was done."""
        return RedirectResponse(self.link(path, **query), 303, headers=PAGE_HEADERS)


async def desk_of(request: Request, form_at: str | None = None) -> Desk:
    """Return the visit of the signed-in administrator; raise what leads to the sign-in."""
    parts = parts_of(request, Parts)
    administrator = await parts.gate.person(request, ROLES, form_at)
    acting(f"administrator:{administrator.id}")
    return Desk(request, parts, visit_of(request), administrator)


async def form_of(request: Request, action: str, *, form_at: str) -> tuple[Desk, dict[str, str]]:
    """Return the visit and the fields of a form that it sends, which was made for this action.

    `form_at` is the page that shows the form: there what was typed is found again if the session
    had ended, or if the form is only to be shown in another language. Raises what leads to the
    sign-in, FormFromBefore and LanguageAsked.
    """
    desk = await desk_of(request, form_at)
    fields = await fields_sent(request, desk.administrator, desk.parts.keys, action)
    return desk, fields

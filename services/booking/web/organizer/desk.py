"""A visit of a signed-in organizer: the shell of their pages, keys of forms, and ways on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.booking.parts import Parts, parts_of
from services.booking.web.responses import Visit, page, see_other, visit_of
from services.chassis.identity.claims import Principal
from services.chassis.web.pages import Header, NavigationLink, PageContent

HOME = "/organizer"
READ = ["GET", "HEAD"]
SIGN_OUT = "sign-out"

# What stands in the header; the overview is behind the name of the site.
Tab = Literal["overview", "bookings", "types", "links", "offers", "page"]
TABS: Sequence[tuple[Tab, str]] = (
    ("bookings", f"{HOME}/bookings"),
    ("types", f"{HOME}/types"),
    ("links", f"{HOME}/links"),
    ("offers", f"{HOME}/offers"),
    ("page", f"{HOME}/page"),
)
# What has just been done: the address that a form leads on to names it.
DONE = "done"


@dataclass(frozen=True, slots=True)
class Desk:
    """A request of somebody who is signed in, and what their pages are made with."""

    request: Request
    parts: Parts
    visit: Visit
    organizer: Principal

    def key(self, action: str) -> str:
        """Return the key of the form that does this."""
        return self.parts.forms.session_key(self.organizer, action)

    def link(self, path: str, **query: str | None) -> str:
        """Return an address of ours that keeps the language of the page."""
        return self.visit.link(path, **query)

    @property
    def done(self) -> str | None:
        """Return the key of the phrase for what was just done, if the address names one."""
        words = f"organizer.done.{self.visit.query.get(DONE, '')}"
        return words if words in self.visit.reader.language.phrases else None

    def typed_before(self) -> Mapping[str, str] | None:
        """Return what was typed into this page's form before a new sign-in was needed."""
        return self.parts.sign_in.draft(self.request, self.organizer)

    def show(
        self, content: PageContent, tab: Tab, *, status: int = 200, here: str | None = None
    ) -> Response:
        """Return the page in the shell; `here` is its address if this one only takes forms."""
        links = [
            NavigationLink(self.link(href), f"organizer.tab.{name}", current=name == tab)
            for name, href in TABS
        ]
        header = Header(
            home=self.link(HOME),
            links=links,
            name=self.organizer.name,
            sign_out="/sign-out",
            form_key=self.key(SIGN_OUT),
        )
        return page(self.visit, content, status=status, here=here, header=header)

    def see_other(self, path: str, **query: str | None) -> RedirectResponse:
        """Lead on by GET after something was done."""
        return see_other(self.visit, path, **query)


async def desk_of(request: Request) -> Desk:
    """Return the visit of the signed-in organizer to a page; raise what leads to the sign-in."""
    parts = parts_of(request)
    organizer = await parts.sign_in.organizer(request)
    return Desk(request, parts, visit_of(request), organizer)


async def form_of(request: Request, action: str, *, form_at: str) -> tuple[Desk, dict[str, str]]:
    """Return the visit and the fields of a form that it sends, which was made for this action.

    `form_at` is the page that shows the form: there what was typed is found again if the session
    had ended, or if the form is only to be shown in another language. Raises what leads to the
    sign-in, FormFromBefore and LanguageAsked.
    """
    parts = parts_of(request)
    organizer = await parts.sign_in.organizer(request, form_at=form_at)
    fields = await parts.forms.fields_sent(request, organizer, action)
    return Desk(request, parts, visit_of(request), organizer), fields

"""Whether others can see the page: published or not, closed by policy, or refused by a budget."""

from dataclasses import dataclass

from services.booking.budgets import ALL, organizer_cost
from services.booking.domain import page
from services.booking.page.views import PageView
from services.booking.web.organizer.desk import HOME, Desk

PAGE = f"{HOME}/page"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """The page's address and who can see it; `denied` is the key of the phrase for the rule.

    `undecided` is a page about which the administrators' policy has not spoken yet.
    """

    url: str
    published: bool
    available: bool
    undecided: bool
    denied: str | None
    rule: str
    refused_until: str | None
    publish: str
    unpublish: str
    key: str


def page_state(desk: Desk, view: PageView) -> PageState:
    """Return the state of the page for its organizer."""
    found = view.page
    until = desk.parts.budgets.exhausted_until(ALL, organizer_cost(found.organizer_id))
    clock = desk.visit.clock(found.profile.time_zone)
    return PageState(
        url=f"{desk.parts.settings.public_url}/with/{found.profile.handle}",
        published=found.published,
        available=page.is_open(found),
        undecided=found.access.verdict == "undecided",
        denied=_denied(desk, view.denied_by),
        rule=view.denied_by or "",
        refused_until=clock.time(until) if until else None,
        publish=f"{PAGE}/publish",
        unpublish=f"{PAGE}/unpublish",
        key=desk.key(PAGE),
    )


def _denied(desk: Desk, rule: str | None) -> str | None:
    if rule is None:
        return None
    words = f"organizer.denied.{rule}"
    return words if words in desk.visit.reader.language.phrases else "organizer.denied.other"

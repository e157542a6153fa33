"""What a page says about its organizer, changed by forms: only the fields that a form names."""

from collections.abc import Mapping, Sequence
from functools import partial

from services.booking.domain.profile import Profile, SignedIn
from services.booking.page import commands
from services.booking.page.schemas import PageBody, profile_of
from services.booking.page.views import PageView, view_page
from services.booking.web.organizer.desk import Desk
from services.chassis.web.catalogues import language_code
from services.chassis.web.form_faults import FaultRule

FAULT_RULES: Sequence[FaultRule] = (
    FaultRule("/handle", "handle", "organizer.fault.handle"),
    FaultRule("/time_zone", "time_zone", "organizer.fault.zone"),
    FaultRule("/locale", "locale", "organizer.fault.locale"),
    FaultRule("/email", "save", "organizer.fault.own_email"),
    FaultRule("/url_template", "url_template", "organizer.fault.url_template"),
    FaultRule("/forward_days", "forward", "organizer.fault.forward"),
)


async def own_page(desk: Desk) -> PageView:
    """Return the organizer's page; raise PageMissing before the first visit has made it."""
    return await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))


def document_of(profile: Profile, **changes: object) -> dict[str, object]:
    """Return the document that the API takes for this profile, with the changes."""
    return {
        "handle": profile.handle,
        "time_zone": profile.time_zone,
        "locale": profile.locale,
        "time_zone_locked": profile.time_zone_locked,
        **changes,
    }


async def put_page(desk: Desk, document: Mapping[str, object], expected: int | None) -> PageView:
    """Make the page, or change it; raise VersionMismatch, what a form shows at its fields."""
    body = PageBody.model_validate(document)
    signed_in = SignedIn(name=desk.organizer.name, email=desk.organizer.email)
    profile = partial(profile_of, body, signed_in)
    put = await desk.parts.transactions.write(
        lambda c: commands.put_page(c, desk.organizer.id, profile, expected)
    )
    return put.view


def locale_in(current: str, language: str) -> str:
    """Return the locale in another language; the one that is kept keeps its region."""
    return current if language_code(current) == language else language

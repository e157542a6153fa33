"""Another mail address for the page: asked for in its settings, proven by the link in a letter."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.booking.domain.refusals import EmailLinkEnded, Invalid, StateConflict
from services.booking.page import email_commands
from services.booking.page.email_commands import AskedEmail, WaitingEmail
from services.booking.page.schemas import EmailRequestBody
from services.booking.web.organizer.desk import READ, Desk, desk_of, form_of
from services.booking.web.organizer.faults import faults_at
from services.booking.web.organizer.page_settings import show_settings
from services.booking.web.organizer.page_state import PAGE
from services.booking.web.organizer.profile_form import own_page
from services.booking.web.organizer.rows import Fields
from services.chassis.ids import new_id
from services.chassis.web.form_faults import FaultRule, FieldFault

EMAIL = f"{PAGE}/email"
FAULT_RULES = (FaultRule("/email", "email", "organizer.fault.email"),)
TOO_MANY = FieldFault("email", "organizer.fault.email.many")

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveEmailPage:
    """The question behind the mailed link: whether the address is to be the page's."""

    TEMPLATE: ClassVar[str] = "organizer/page_email.html"

    email: str
    before: str
    action: str
    form_key: str
    back: str


@routes.post(EMAIL)
async def ask(request: Request) -> Response:
    desk, fields = await form_of(request, PAGE, form_at=PAGE)
    return await _asked(desk, fields)


@routes.post(f"{EMAIL}/again")
async def ask_again(request: Request) -> Response:
    desk, _ = await form_of(request, PAGE, form_at=PAGE)
    waiting = await _waiting(desk)
    return await _asked(desk, {"email": waiting.email}) if waiting else desk.see_other(PAGE)


@routes.post(f"{EMAIL}/withdraw")
async def withdraw(request: Request) -> Response:
    desk, _ = await form_of(request, PAGE, form_at=PAGE)
    await desk.parts.transactions.write(
        lambda c: email_commands.withdraw_email(c, desk.organizer.id)
    )
    return desk.see_other(PAGE, done="page.email.withdrawn")


@routes.api_route(f"{EMAIL}/{{token}}", methods=READ)
async def show(request: Request, token: str) -> Response:
    desk = await desk_of(request)
    request_id = desk.parts.tokens.read_page_email(token)
    if request_id is None:
        raise EmailLinkEnded
    waiting = await desk.parts.transactions.read(
        lambda c: email_commands.email_to_prove(c, desk.organizer.id, request_id)
    )
    view = await own_page(desk)
    content = ProveEmailPage(
        email=waiting.email,
        before=view.page.profile.email,
        action=f"{EMAIL}/{token}",
        form_key=desk.key(EMAIL),
        back=desk.link(PAGE),
    )
    return desk.show(content, "page")


@routes.post(f"{EMAIL}/{{token}}")
async def prove(request: Request, token: str) -> Response:
    desk, _ = await form_of(request, EMAIL, form_at=PAGE)
    request_id = desk.parts.tokens.read_page_email(token)
    if request_id is None:
        raise EmailLinkEnded
    await desk.parts.transactions.write(
        lambda c: email_commands.prove_email(c, desk.organizer.id, request_id)
    )
    return desk.see_other(PAGE, done="page.email.proven")


async def _asked(desk: Desk, fields: Fields) -> Response:
    """Have the letter sent, or show the settings again with what was typed."""
    document = {"email": fields.get("email", "").strip()}
    try:
        asked = AskedEmail(
            organizer_id=desk.organizer.id,
            email=EmailRequestBody.model_validate(document).email,
            signed_in_as=desk.organizer.email,
            request_id=new_id(),
            open_for=desk.parts.settings.page_email_link_life,
        )
        waiting = await desk.parts.transactions.write(
            lambda c: email_commands.request_email(c, asked)
        )
    except (ValidationError, Invalid) as refused:
        return await show_settings(desk, document, faults_at(refused, document, FAULT_RULES))
    except StateConflict:
        return await show_settings(desk, document, [TOO_MANY], status=409)
    return desk.see_other(PAGE, done="page.email.sent" if waiting else "page.email.same")


async def _waiting(desk: Desk) -> WaitingEmail | None:
    return await desk.parts.transactions.read(
        lambda c: email_commands.waiting_email(c, desk.organizer.id)
    )

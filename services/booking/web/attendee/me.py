"""The pages on which an attendee sees, downloads and erases what is held about them.

The link comes by mail, to the address that it is about: whoever reads that address's mail may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.budgets import spend_address
from services.booking.domain.refusals import HeldDataLinkEnded, NotFound
from services.booking.domain.text import email_faults
from services.booking.me import commands, views
from services.booking.me.schemas import HeldDataResponse, held_data_response
from services.booking.parts import Parts, parts_of
from services.booking.web.attendee.me_words import (
    HeldMeeting,
    LinkLine,
    ReceiptLine,
    link_line_of,
    meeting_of,
    receipt_of,
)
from services.booking.web.forms import fields_of, keep
from services.booking.web.responses import HEADERS, page, see_other, visit_of
from services.chassis.ids import new_id
from services.chassis.text.typed import trimmed

READ = ["GET", "HEAD"]
ME, DATA = "bw_me", "/me/data"
# The form that asks for a link belongs to nobody yet.
_NOBODY = UUID(int=0)

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForDataPage:
    """Asks for the address to which the link is mailed; `is_sent` is whether that was done."""

    TEMPLATE: ClassVar[str] = "me_ask.html"

    is_sent: bool
    minutes: str
    typed: str
    fault: bool
    form_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPage:
    """All that is held about a person, or the receipts of its erasure."""

    TEMPLATE: ClassVar[str] = "me.html"

    email: str
    until: str
    meetings: Sequence[HeldMeeting]
    links: Sequence[LinkLine]
    receipts: Sequence[ReceiptLine]
    erased_links: int
    ended_links: int
    download: str
    erase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseDataPage:
    """The question before everything is erased."""

    TEMPLATE: ClassVar[str] = "me_erase.html"

    email: str
    meetings: int
    to_come: int
    links: int
    ending: int
    action: str
    form_key: str
    back: str


@routes.api_route("/me", methods=READ)
async def ask(request: Request) -> Response:
    return _ask_page(request, is_sent=visit_of(request).query.get("said") == "sent")


@routes.post("/me")
async def send(request: Request) -> Response:
    parts, fields = parts_of(request), await fields_of(request)
    parts.forms.check(fields, "me", _NOBODY)
    email = trimmed(fields.get("email", ""))
    if "ask" in fields:  # only to be shown again, in another language
        return _ask_page(request, typed=email, language=fields["ask"])
    if any(email_faults("/email", email)):
        return _ask_page(request, typed=email, fault=True, status=422)
    spend_address(email)
    request_id, held_for = new_id(), parts.settings.held_data_link_life
    await parts.transactions.write(lambda c: commands.request_data(c, email, request_id, held_for))
    return see_other(visit_of(request), "/me", said="sent")


@routes.api_route(DATA, methods=READ)
async def show(request: Request) -> Response:
    parts, visit = parts_of(request), visit_of(request)
    held = await _held(parts, _opened_by(parts, request))
    clock = visit.clock("UTC")
    content = DataPage(
        email=held.email or "",
        until=clock.moment(held.expires_at) if held.expires_at else "",
        meetings=[meeting_of(visit, each) for each in held.bookings],
        links=[link_line_of(each) for each in held.links],
        erased_links=held.erasure.links if held.erasure else 0,
        ended_links=held.erasure.links_ended if held.erasure else 0,
        receipts=[receipt_of(clock, each) for each in held.erasure.receipts]
        if held.erasure
        else [],
        download=visit.link(f"{DATA}/download"),
        erase=visit.link(f"{DATA}/erase"),
    )
    return page(visit, content)


@routes.api_route(f"{DATA}/download", methods=READ)
async def download(request: Request) -> Response:
    parts = parts_of(request)
    held: HeldDataResponse = held_data_response(await _held(parts, _opened_by(parts, request)))
    named = {"Content-Disposition": 'attachment; filename="held-data.json"'}
    return Response(
        held.model_dump_json(indent=2), media_type="application/json", headers={**HEADERS, **named}
    )


@routes.api_route(f"{DATA}/erase", methods=READ)
async def ask_to_erase(request: Request) -> Response:
    parts, visit = parts_of(request), visit_of(request)
    request_id = _opened_by(parts, request)
    held = await _held(parts, request_id)
    if held.erasure:
        return see_other(visit, DATA)
    content = EraseDataPage(
        email=held.email or "",
        meetings=len(held.bookings),
        to_come=sum(meeting_of(visit, each).is_to_come for each in held.bookings),
        links=len(held.links),
        ending=sum(each.ends for each in held.links),
        action=visit.link(f"{DATA}/erase"),
        form_key=parts.forms.key("erase", request_id),
        back=visit.link(DATA),
    )
    return page(visit, content)


@routes.post(f"{DATA}/erase")
async def erase(request: Request) -> Response:
    parts, fields = parts_of(request), await fields_of(request)
    request_id = _opened_by(parts, request)
    parts.forms.check(fields, "erase", request_id)
    erasure_id = new_id()
    await parts.transactions.write(lambda c: commands.erase_by_request(c, request_id, erasure_id))
    return see_other(visit_of(request), DATA)


@routes.api_route("/me/{token}", methods=READ)
async def open_link(request: Request, token: str) -> Response:
    parts = parts_of(request)
    if parts.tokens.read_held_data(token) is None:
        raise NotFound("link")
    response = see_other(visit_of(request), DATA)
    seconds = int(parts.settings.held_data_link_life.total_seconds())
    keep(response, ME, token, DATA, secure=parts.settings.is_secure, seconds=seconds)
    return response


def _opened_by(parts: Parts, request: Request) -> UUID:
    """Return the request for data whose link this browser has followed."""
    found = parts.tokens.read_held_data(request.cookies.get(ME, ""))
    if found is None:
        raise HeldDataLinkEnded
    return found


async def _held(parts: Parts, request_id: UUID) -> views.HeldData:
    return await parts.transactions.read(lambda c: views.held_by_request(c, request_id))


def _ask_page(
    request: Request,
    *,
    is_sent: bool = False,
    typed: str = "",
    fault: bool = False,
    status: int = 200,
    language: str | None = None,
) -> Response:
    parts, visit = parts_of(request), visit_of(request, language)
    content = AskForDataPage(
        is_sent=is_sent,
        minutes=visit.clock("UTC").duration(parts.settings.held_data_link_life),
        typed=typed,
        fault=fault,
        form_key=parts.forms.key("me", _NOBODY),
    )
    return page(visit, content, status=status)

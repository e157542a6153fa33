"""The API of an organizer's page."""

from datetime import timedelta
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.budgets import ALL, organizer_cost
from services.booking.domain import page
from services.booking.domain.profile import SignedIn
from services.booking.domain.refusals import EmailLinkEnded
from services.booking.headers import IfMatch
from services.booking.page import commands, email_commands
from services.booking.page.email_commands import AskedEmail, waiting_email
from services.booking.page.schemas import (
    AddressBody,
    EmailProofBody,
    EmailRequestBody,
    EmailRequestResponse,
    OnlineMeetingBody,
    OnlineMeetingResponse,
    PageBody,
    PageResponse,
    RegularHours,
    WaitingEmailResponse,
    email_request_response,
    online_meeting_of,
    online_meeting_response,
    page_response,
    profile_of,
    regular_hours_response,
    warnings_of,
)
from services.booking.page.views import PageView, view_page
from services.booking.parts import Parts, parts_of
from services.booking.schemas import WarningResponse, weekly_hours_of
from services.chassis.http.conditional import tagged, version_if_named
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import minted_id
from services.chassis.http.routing import ApiRoute

routes = APIRouter(
    prefix="/api/booking/v1", route_class=ApiRoute, tags=["organizer"], dependencies=[BEARER]
)


@routes.get("/page", response_model=PageResponse)
async def get_page(request: Request) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    return _answer(parts, await parts.transactions.read(lambda c: view_page(c, organizer.id)))


@routes.put(
    "/page",
    response_model=PageResponse,
    responses={201: {"model": PageResponse, "description": "The first one: the page is made."}},
)
async def put_page(request: Request, body: PageBody, if_match: IfMatch = None) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    signed_in = SignedIn(name=organizer.name, email=organizer.email)
    profile, expected = partial(profile_of, body, signed_in), version_if_named(if_match)
    with parts.waiting.about(organizer.id) as answers:
        put = await parts.transactions.write(
            lambda c: commands.put_page(c, organizer.id, profile, expected)
        )
        if not put.created:
            return _answer(parts, put.view, warnings=warnings_of(body, put.view))
        decided = await answers.until(
            lambda view: view.page.access.verdict != "undecided",
            lambda: parts.transactions.read(lambda c: view_page(c, organizer.id)),
            put.view,
        )
    return _answer(parts, decided, 201, warnings_of(body, decided))


@routes.post("/page/publish", response_model=PageResponse)
async def publish(request: Request, if_match: IfMatch = None) -> Response:
    return await _change(request, page.PublishPage(), if_match)


@routes.post("/page/unpublish", response_model=PageResponse)
async def unpublish(request: Request, if_match: IfMatch = None) -> Response:
    return await _change(request, page.UnpublishPage(), if_match)


@routes.post("/page/renew-address", response_model=PageResponse)
async def renew_address(
    request: Request, body: AddressBody | None = None, if_match: IfMatch = None
) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    handle, expected = body.handle if body else None, version_if_named(if_match)
    forwarding = timedelta(days=body.forward_days) if body and body.forward_days else None
    minted = minted_id(request)
    renewed = await parts.transactions.write(
        lambda c: commands.renew_address(
            c, organizer.id, handle, minted, expected, forwarding=forwarding
        )
    )
    return _answer(parts, renewed)


@routes.get("/page/email-request")
async def get_email_request(request: Request) -> WaitingEmailResponse:
    """Show the address that waits for its proof, if one does."""
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    waiting = await parts.transactions.read(lambda c: waiting_email(c, organizer.id))
    return WaitingEmailResponse(waiting=email_request_response(waiting) if waiting else None)


@routes.post(
    "/page/email-request",
    status_code=202,
    responses={
        200: {
            "model": PageResponse,
            "description": "No proof is needed: the page has it now.",
        }
    },
)
async def request_email(
    request: Request, response: Response, body: EmailRequestBody
) -> EmailRequestResponse | PageResponse:
    """Mail a link to another address, which the page gets once the link is opened and confirmed.

    Asked once more, a new link is mailed and the one before ends.
    """
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    asked = AskedEmail(
        organizer_id=organizer.id,
        email=body.email,
        signed_in_as=organizer.email,
        request_id=minted_id(request),
        open_for=parts.settings.page_email_link_life,
    )
    waiting = await parts.transactions.write(lambda c: email_commands.request_email(c, asked))
    if waiting is not None:
        return email_request_response(waiting)
    response.status_code = 200
    view = await parts.transactions.read(lambda c: view_page(c, organizer.id))
    return page_response(view, parts.settings.public_url)


@routes.delete("/page/email-request", status_code=204, response_class=Response)
async def withdraw_email_request(request: Request) -> Response:
    """End what waits for its proof; the mailed link proves nothing any more."""
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    await parts.transactions.write(lambda c: email_commands.withdraw_email(c, organizer.id))
    return Response(status_code=204)


@routes.post("/page/email-request/prove", response_model=PageResponse)
async def prove_email(request: Request, body: EmailProofBody) -> Response:
    """Use the address whose mailed link ends with the token; only for who has asked for it."""
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    request_id = parts.tokens.read_page_email(body.token)
    if request_id is None:
        raise EmailLinkEnded
    view = await parts.transactions.write(
        lambda c: email_commands.prove_email(c, organizer.id, request_id)
    )
    return _answer(parts, view)


@routes.get("/page/online-meeting", response_model=OnlineMeetingResponse)
async def get_online_meeting(request: Request) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    view = await parts.transactions.read(lambda c: view_page(c, organizer.id))
    return tagged(online_meeting_response(view), view.version)


@routes.put("/page/online-meeting", response_model=OnlineMeetingResponse)
async def put_online_meeting(
    request: Request, body: OnlineMeetingBody, if_match: IfMatch = None
) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    asked = online_meeting_of(body, parts.settings.jitsi_url_template)
    command, expected = page.SetOnlineMeeting(asked), version_if_named(if_match)
    view = await parts.transactions.write(
        lambda c: commands.change_page(c, organizer.id, command, expected)
    )
    return tagged(online_meeting_response(view), view.version)


@routes.get("/page/regular-hours", response_model=RegularHours)
async def get_regular_hours(request: Request) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    view = await parts.transactions.read(lambda c: view_page(c, organizer.id))
    return tagged(regular_hours_response(view), view.version)


@routes.put("/page/regular-hours", response_model=RegularHours)
async def put_regular_hours(
    request: Request, body: RegularHours, if_match: IfMatch = None
) -> Response:
    """Set the hours once for all meeting types that have none of their own."""
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    command = page.SetRegularHours(weekly_hours_of(body.weekly_hours))
    expected = version_if_named(if_match)
    view = await parts.transactions.write(
        lambda c: commands.change_page(c, organizer.id, command, expected)
    )
    return tagged(regular_hours_response(view), view.version)


async def _change(request: Request, command: page.Command, if_match: str | None) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    expected = version_if_named(if_match)
    changed = await parts.transactions.write(
        lambda c: commands.change_page(c, organizer.id, command, expected)
    )
    return _answer(parts, changed)


def _answer(
    parts: Parts,
    view: PageView,
    status: int = 200,
    warnings: list[WarningResponse] | None = None,
) -> Response:
    refused = parts.budgets.exhausted_until(ALL, organizer_cost(view.page.organizer_id))
    body = page_response(view, parts.settings.public_url, warnings, refused)
    return tagged(body, view.version, status)

"""One private link: its address, how it is used, its label and end, and revoking it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain.refusals import LinkEnded, NotFound
from services.booking.meeting_types.views import view_type
from services.booking.page.views import view_page
from services.booking.private_links import commands
from services.booking.private_links.schemas import LinkPatch, changed
from services.booking.private_links.views import LinkView, view_link
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of, form_of
from services.booking.web.organizer.faults import Refused, faults_at
from services.booking.web.organizer.link_form import FAULT_RULES, local, patch_of
from services.booking.web.organizer.link_words import LinkCard, link_card, names_behind
from services.booking.web.organizer.rows import Fields
from services.booking.web.organizer.type_body import number
from services.booking.web.organizer.type_form import Difference
from services.chassis.events.streams import VersionMismatch
from services.chassis.postgres.database import Connection
from services.chassis.web.form_faults import FieldFault, by_field

LINKS, TYPES = f"{HOME}/links", f"{HOME}/types"
VERSION = "version"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """A link with all that is known of it; its form is there while it can be changed."""

    TEMPLATE: ClassVar[str] = "organizer/link.html"

    link: LinkCard
    title: str
    people: Sequence[tuple[str, str, str]]
    reference: str
    offer: str | None
    qr: str
    back: str
    key: str
    version: str
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: dict[str, str]
    differences: Sequence[Difference]
    zone: str
    published: bool
    done: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeLinkPage:
    """The question before a link is revoked."""

    TEMPLATE: ClassVar[str] = "organizer/link_revoke.html"

    label: str
    title: str
    action: str
    form_key: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A link with its type's title, the names behind its bookings, and its organizer's zone."""

    view: LinkView
    title: str
    names: Mapping[UUID, str]
    zone: str
    published: bool


@routes.api_route(f"{LINKS}/{{link_id}}", methods=READ)
async def show(request: Request, link_id: str) -> Response:
    desk = await desk_of(request)
    return await _show(desk, link_id, desk.typed_before())


@routes.post(f"{LINKS}/{{link_id}}")
async def change(request: Request, link_id: str) -> Response:
    id_ = id_of(link_id, "link")
    path = f"{LINKS}/{id_}"
    desk, fields = await form_of(request, LINKS, form_at=path)
    owner = await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))
    body, version = patch_of(fields, owner.page.profile.time_zone), number(fields.get(VERSION, ""))
    try:
        patch = LinkPatch.model_validate(body)
        await desk.parts.transactions.write(
            lambda c: commands.change_link(
                c,
                id_,
                desk.organizer.id,
                lambda link, details: changed(link.limits, details, patch),
                desk.parts.settings.link_minimum_seconds,
                version if isinstance(version, int) else 0,
            )
        )
    except Refused as refused:
        return await _show(desk, link_id, fields, faults_at(refused, body, FAULT_RULES), 422)
    except VersionMismatch:
        return await _show(desk, link_id, fields, status=412)
    except LinkEnded:
        return desk.see_other(path)  # which says why
    return desk.see_other(path, done="link.saved")


@routes.api_route(f"{LINKS}/{{link_id}}/revoke", methods=READ)
async def ask_to_revoke(request: Request, link_id: str) -> Response:
    desk = await desk_of(request)
    known = await _known(desk, link_id)
    path = f"{LINKS}/{known.view.id}"
    content = RevokeLinkPage(
        label=known.view.details.label,
        title=known.title,
        action=f"{path}/revoke",
        form_key=desk.key(LINKS),
        back=desk.link(path),
    )
    return desk.show(content, "links")


@routes.post(f"{LINKS}/{{link_id}}/revoke")
async def revoke(request: Request, link_id: str) -> Response:
    id_ = id_of(link_id, "link")
    desk, _ = await form_of(request, LINKS, form_at=f"{LINKS}/{id_}/revoke")
    await desk.parts.transactions.write(
        lambda c: commands.revoke_link(c, id_, desk.organizer.id, None)
    )
    return desk.see_other(f"{LINKS}/{id_}", done="link.revoked")


async def _known(desk: Desk, link_id: str) -> _Known:
    id_ = id_of(link_id, "link")

    async def work(connection: Connection) -> _Known:
        view = await view_link(connection, id_, desk.organizer.id)
        owner = (await view_page(connection, desk.organizer.id)).page
        title = ""
        with suppress(NotFound):  # a link outlives its type
            type_ = await view_type(connection, view.link.meeting_type_id, desk.organizer.id)
            title = type_.meeting_type.settings.title
        return _Known(
            view=view,
            title=title,
            names=await names_behind(connection, [view]),
            zone=owner.profile.time_zone,
            published=owner.published,
        )

    return await desk.parts.transactions.read(work)


async def _show(
    desk: Desk,
    link_id: str,
    typed: Fields | None = None,
    faults: Sequence[FieldFault] = (),
    status: int = 200,
) -> Response:
    known = await _known(desk, link_id)
    view, path = known.view, f"{LINKS}/{known.view.id}"
    saved = {"label": view.details.label, "ends": local(view.link.limits.expires_at, known.zone)}
    fields = typed or saved
    url, conflict = desk.parts.tokens.link_url(view.id), status == 412
    offer = view.link.offer_id
    content = LinkPage(
        link=link_card(desk, view, known.names, known.zone),
        title=known.title,
        people=[(each.name, each.email, url) for each in view.details.addressees],
        reference=view.details.reference,
        offer=desk.link(f"{HOME}/offers/{offer}") if offer else None,
        qr=f"{path}/qr.svg",
        back=desk.link(f"{TYPES}/{view.link.meeting_type_id}/links") if known.title else LINKS,
        key=desk.key(LINKS),
        version=str(view.version) if conflict or not typed else fields.get(VERSION, ""),
        fields=fields,
        faults=faults,
        wrong=dict(by_field(faults)),
        differences=_differences(saved, fields) if conflict else (),
        zone=known.zone,
        published=known.published,
        done=desk.done,
    )
    return desk.show(content, "links", status=status, here=path)


def _differences(saved: Fields, typed: Fields) -> Sequence[Difference]:
    return [
        Difference(f"organizer.link.{name}", saved[name], typed.get(name, ""))
        for name in saved
        if saved[name] != typed.get(name, "")
    ]

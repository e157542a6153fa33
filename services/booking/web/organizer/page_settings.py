"""The settings of the organizer's page: zone and language, its address, an online meeting."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain import page
from services.booking.domain.weekly_hours import days
from services.booking.page import commands
from services.booking.page.email_commands import WaitingEmail, waiting_email
from services.booking.page.schemas import AddressBody, OnlineMeetingBody, online_meeting_of
from services.booking.page.views import PageView
from services.booking.web.organizer.desk import HOME, READ, Desk, Tab, desk_of, form_of
from services.booking.web.organizer.faults import FieldFault, Refused, by_field, faults_at
from services.booking.web.organizer.page_state import PAGE, PageState, page_state
from services.booking.web.organizer.profile_form import (
    FAULT_RULES,
    document_of,
    locale_in,
    own_page,
    put_page,
)
from services.booking.web.organizer.rows import Fields
from services.booking.web.organizer.type_body import number
from services.booking.web.organizer.type_fields import TICKED, is_ticked, ranges_in_text
from services.booking.web.organizer.type_form import Difference
from services.booking.web.organizer.zone_options import Regions, regions_with
from services.booking.web.wording import languages
from services.chassis.events.streams import VersionMismatch
from services.chassis.ids import new_id
from services.chassis.web.catalogues import language_code

VERSION = "version"
# For how long an old address may lead to the new one, in days; 0 is not at all.
FORWARD_DAYS = (0, 30, 90, 365)

routes = APIRouter(include_in_schema=False)

# What a form asks for, given what it sent and the version that it was made of.
Work = Callable[[Desk, PageView, Fields, int], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAddress:
    """An address to which a link was mailed, and until when the link proves it."""

    email: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettingsPage:
    """Each group of settings is a form of its own; what was typed into one is in `fields`."""

    TEMPLATE: ClassVar[str] = "organizer/page.html"

    name: str
    email: str
    handle: str
    state: PageState
    version: str
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: dict[str, str]
    differences: Sequence[Difference]
    regions: Regions
    regular_hours: Sequence[tuple[str, str]]
    languages_known: Sequence[tuple[str, str]]
    forward_days: Sequence[int]
    email_proven: bool
    waiting: WaitingAddress | None
    key: str
    done: str | None
    undo: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewPage:
    """The question before the page gets an address that nobody can guess."""

    TEMPLATE: ClassVar[str] = "organizer/page_renew.html"

    url: str
    action: str
    form_key: str
    back: str


@routes.api_route(PAGE, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    view = await own_page(desk)
    return await _show(desk, view, {**_saved(view), **(desk.typed_before() or {})})


@routes.post(PAGE)
async def change(request: Request) -> Response:
    async def work(desk: Desk, view: PageView, fields: Fields, expected: int) -> None:
        profile = view.page.profile
        changes = {
            "time_zone": fields.get("time_zone", ""),
            "locale": locale_in(profile.locale, fields.get("locale", "")),
            "time_zone_locked": is_ticked(fields, "locked"),
        }
        await put_page(desk, document_of(profile, **changes), expected)

    return await _changed(request, work, "page.saved")


@routes.post(f"{PAGE}/address")
async def change_address(request: Request) -> Response:
    async def work(desk: Desk, view: PageView, fields: Fields, expected: int) -> None:
        days = number(fields.get("forward", "0"))
        asked = {"handle": fields.get("handle", "").strip(), "forward_days": days or None}
        body = AddressBody.model_validate(asked)
        forwarding = timedelta(days=body.forward_days) if body.forward_days else None
        await desk.parts.transactions.write(
            lambda c: commands.renew_address(
                c, desk.organizer.id, body.handle, new_id(), expected, forwarding=forwarding
            )
        )

    return await _changed(request, work, "page.address")


@routes.post(f"{PAGE}/online-meeting")
async def change_online_meeting(request: Request) -> Response:
    async def work(desk: Desk, view: PageView, fields: Fields, expected: int) -> None:
        asked = {
            "provider": fields.get("provider", ""),
            "enabled": is_ticked(fields, "online"),
            "url_template": fields.get("url_template", "").strip() or None,
        }
        body = OnlineMeetingBody.model_validate(asked)
        meeting = online_meeting_of(body, desk.parts.settings.jitsi_url_template)
        command = page.SetOnlineMeeting(meeting)
        await desk.parts.transactions.write(
            lambda c: commands.change_page(c, desk.organizer.id, command, expected)
        )

    return await _changed(request, work, "page.saved")


@routes.api_route(f"{PAGE}/renew", methods=READ)
async def ask_to_renew(request: Request) -> Response:
    desk = await desk_of(request)
    state = page_state(desk, await own_page(desk))
    content = RenewPage(
        url=state.url, action=f"{PAGE}/renew", form_key=state.key, back=desk.link(PAGE)
    )
    return desk.show(content, "page")


@routes.post(f"{PAGE}/renew")
async def renew(request: Request) -> Response:
    desk, _ = await form_of(request, PAGE, form_at=f"{PAGE}/renew")
    await desk.parts.transactions.write(
        lambda c: commands.renew_address(c, desk.organizer.id, None, new_id(), None)
    )
    return desk.see_other(PAGE, done="page.renewed")


@routes.post(f"{PAGE}/publish")
async def publish(request: Request) -> Response:
    return await _switched(request, page.PublishPage(), "page.published")


@routes.post(f"{PAGE}/unpublish")
async def unpublish(request: Request) -> Response:
    return await _switched(request, page.UnpublishPage(), "page.unpublished")


async def _switched(request: Request, command: page.Command, done: str) -> Response:
    desk, _ = await form_of(request, PAGE, form_at=HOME)
    await desk.parts.transactions.write(
        lambda c: commands.change_page(c, desk.organizer.id, command)
    )
    return desk.see_other(HOME, done=done)


async def _changed(request: Request, work: Work, done: str) -> Response:
    """Do what the form asks for, or show it again with what was typed."""
    desk, fields = await form_of(request, PAGE, form_at=PAGE)
    view = await own_page(desk)
    version = number(fields.get(VERSION, ""))
    shown = {**_saved(view), "locked": "", "online": "", **fields}
    try:
        await work(desk, view, fields, version if isinstance(version, int) else 0)
    except Refused as refused:
        return await _show(desk, view, shown, faults_at(refused, {}, FAULT_RULES), status=422)
    except VersionMismatch:
        return await _show(desk, await own_page(desk), shown, status=412)
    return desk.see_other(PAGE, done=done)


async def show_settings(
    desk: Desk, typed: Fields, faults: Sequence[FieldFault], *, status: int = 422
) -> Response:
    """Show the settings with what was typed into a form that another module takes."""
    view = await own_page(desk)
    return await _show(desk, view, {**_saved(view), **typed}, faults, status=status)


async def _show(
    desk: Desk,
    view: PageView,
    fields: Fields,
    faults: Sequence[FieldFault] = (),
    *,
    status: int = 200,
) -> Response:
    tab: Tab = "page"
    profile, saved, conflict = view.page.profile, _saved(view), status == 412
    waiting = await desk.parts.transactions.read(lambda c: waiting_email(c, desk.organizer.id))
    version = str(view.version) if conflict else fields.get(VERSION, str(view.version))
    content = PageSettingsPage(
        name=profile.display_name,
        email=profile.email,
        handle=profile.handle,
        state=page_state(desk, view),
        version=version,
        fields=fields,
        faults=faults,
        wrong=dict(by_field(faults)),
        differences=_differences(saved, fields) if conflict else (),
        regions=regions_with(fields["time_zone"]),
        regular_hours=_hours_in_words(desk, view),
        languages_known=[(each.code, each.name) for each in languages().values()],
        forward_days=FORWARD_DAYS,
        email_proven=profile.email_proven,
        waiting=_waiting_address(desk, profile.time_zone, waiting),
        key=desk.key(PAGE),
        done=desk.done,
        undo=None,
    )
    return desk.show(content, tab, status=status, here=PAGE)


def _hours_in_words(desk: Desk, view: PageView) -> Sequence[tuple[str, str]]:
    """Return the regular hours; days behind each other that have the same ones are one row."""
    weekdays = desk.visit.reader.formats.weekdays
    week = zip(weekdays, days(view.page.regular_hours), strict=True)
    rows = []
    for hours, alike in groupby(week, lambda day: ranges_in_text(day[1][1])):
        names = [name for name, _ in alike]
        if hours:
            rows.append((" \u2013 ".join(dict.fromkeys((names[0], names[-1]))), hours))
    return rows


def _waiting_address(
    desk: Desk, time_zone: str, waiting: WaitingEmail | None
) -> WaitingAddress | None:
    if waiting is None:
        return None
    until = desk.visit.clock(time_zone).moment(waiting.expires_at)
    return WaitingAddress(email=waiting.email, until=until)


def _saved(view: PageView) -> dict[str, str]:
    profile, online = view.page.profile, view.page.online_meeting
    return {
        "handle": profile.handle,
        "time_zone": profile.time_zone,
        "locale": language_code(profile.locale),
        "locked": TICKED if profile.time_zone_locked else "",
        "provider": online.provider if online else "jitsi",
        "url_template": online.url_template if online else "",
        "online": TICKED if online and online.enabled else "",
    }


def _differences(saved: Fields, typed: Fields) -> Sequence[Difference]:
    return [
        Difference(f"organizer.page.{name}", value, typed.get(name, ""))
        for name, value in saved.items()
        if value != typed.get(name, value)
    ]

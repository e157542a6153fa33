"""The organizer's offers: a list, and one with what to copy and what has become of its times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain.offer import OfferState, TimeState
from services.booking.offers.commands import withdraw_offer
from services.booking.offers.free import with_free_times
from services.booking.offers.records import newest_offers
from services.booking.offers.schemas import offer_response
from services.booking.offers.views import OfferView, view_offer, view_offers
from services.booking.web.organizer.booking_lines import Tone
from services.booking.web.organizer.desk import DONE, HOME, READ, Desk, desk_of, form_of
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Connection
from services.chassis.web.clock import Clock
from services.chassis.web.plain_text import one_line

OFFERS = f"{HOME}/offers"
ON_A_PAGE = 20
_TONES: Mapping[OfferState | TimeState, Tone] = {
    "open": "accent",
    "held": "accent",
    "booked": "good",
    "taken": "warning",
    "expired": "",
    "withdrawn": "",
}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """An offer in the list."""

    href: str
    who: str
    title: str
    times: Sequence[str]
    words: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersPage:
    """The offers, newest first."""

    TEMPLATE: ClassVar[str] = "organizer/offers.html"

    lines: Sequence[OfferLine]
    new: str
    more: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    """An offer with what to paste into a mail, and what has become of each time."""

    TEMPLATE: ClassVar[str] = "organizer/offer.html"

    done: str | None
    who: str
    email: str
    title: str
    words: str
    tone: Tone
    is_open: bool
    until: str
    hold: bool
    zone: str
    times: Sequence[tuple[str, str, Tone]]
    text_form: str
    html_form: Markup
    end: str
    new: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfferPage:
    """The question before an offer is ended."""

    TEMPLATE: ClassVar[str] = "organizer/offer_end.html"

    who: str
    title: str
    action: str
    form_key: str
    back: str


@routes.api_route(OFFERS, methods=READ)
async def listed(request: Request) -> Response:
    desk, before = await desk_of(request), parse_id(request.query_params.get("cursor", ""))

    async def work(connection: Connection) -> Sequence[OfferView]:
        rows = await newest_offers(connection, desk.organizer.id, before, ON_A_PAGE + 1)
        return await view_offers(connection, desk.organizer.id, rows) if rows else []

    views = await desk.parts.transactions.read(work)
    last = views[ON_A_PAGE - 1] if len(views) > ON_A_PAGE else None
    content = OffersPage(
        lines=[_line(desk, view) for view in views[:ON_A_PAGE]],
        new=desk.link(f"{OFFERS}/new"),
        more=desk.link(OFFERS, cursor=str(last.id)) if last else None,
    )
    return desk.show(content, "offers")


@routes.api_route(f"{OFFERS}/{{offer_id}}", methods=READ)
async def show(request: Request, offer_id: str) -> Response:
    desk = await desk_of(request)
    view = await _own(desk, offer_id)
    parts = desk.parts
    compared = await with_free_times(parts.free_times, parts.tokens, view)
    shown, clock = offer_response(compared, parts.tokens), _clock(desk, view)
    is_open = compared.state == "open"
    content = OfferPage(
        done=desk.done,
        who=_who(desk, view),
        email=view.addressee.email if view.addressee else "",
        title=one_line(view.title, 120),
        words=f"offers.state.{compared.state}",
        tone=_TONES[compared.state],
        is_open=is_open,
        until=clock.moment(view.offer.expires_at),
        hold=view.offer.held,
        zone=clock.zone_at(view.offer.slots[0].start),
        times=[
            (
                clock.when(each.slot.start, each.slot.end),
                f"offers.time.{each.state}",
                _TONES[each.state],
            )
            for each in sorted(compared.times, key=lambda each: each.slot.start)
        ],
        text_form=shown.text,
        html_form=Markup(shown.html),  # noqa: S704 -- offers/text.py has escaped what people typed
        end=desk.link(f"{OFFERS}/{view.id}/end") if is_open else "",
        new=desk.link(f"{OFFERS}/new"),
        back=desk.link(OFFERS),
    )
    return desk.show(content, "offers")


@routes.api_route(f"{OFFERS}/{{offer_id}}/end", methods=READ)
async def ask_to_end(request: Request, offer_id: str) -> Response:
    desk = await desk_of(request)
    view = await _own(desk, offer_id)
    if view.state != "open":
        return desk.see_other(f"{OFFERS}/{view.id}")
    content = EndOfferPage(
        who=_who(desk, view),
        title=one_line(view.title, 120),
        action=desk.link(f"{OFFERS}/{view.id}/end"),
        form_key=desk.key(f"end-offer-{view.id}"),
        back=desk.link(f"{OFFERS}/{view.id}"),
    )
    return desk.show(content, "offers")


@routes.post(f"{OFFERS}/{{offer_id}}/end")
async def end(request: Request, offer_id: str) -> Response:
    form_at = f"{OFFERS}/{offer_id}/end"
    desk, _ = await form_of(request, f"end-offer-{offer_id}", form_at=form_at)
    id_ = id_of(offer_id, "offer")
    await desk.parts.transactions.write(lambda c: withdraw_offer(c, id_, desk.organizer.id))
    return desk.see_other(f"{OFFERS}/{id_}", **{DONE: "offer_ended"})


async def _own(desk: Desk, offer_id: str) -> OfferView:
    """Return the organizer's offer; raise NotFound for another's."""
    id_ = id_of(offer_id, "offer")
    return await desk.parts.transactions.read(lambda c: view_offer(c, id_, desk.organizer.id))


def _line(desk: Desk, view: OfferView) -> OfferLine:
    clock = _clock(desk, view)
    starts: list[datetime] = sorted(each.slot.start for each in view.times)
    return OfferLine(
        href=desk.link(f"{OFFERS}/{view.id}"),
        who=_who(desk, view),
        title=one_line(view.title, 120),
        times=[clock.moment(each) for each in starts],
        words=f"offers.state.{view.state}",
        tone=_TONES[view.state],
    )


def _clock(desk: Desk, view: OfferView) -> Clock:
    return desk.visit.clock(view.profile.time_zone, locked=True)


def _who(desk: Desk, view: OfferView) -> str:
    to = view.addressee
    anybody = desk.visit.reader.language.say("offers.anybody")
    return one_line(to.name or to.email, 120) if to else anybody

"""Offering times: a week of free times to choose from, whom they are for, and what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain.offer import MOST_TIMES, OfferedTimesNotFree
from services.booking.domain.private_link import Addressee
from services.booking.domain.refusals import Fault, Invalid, OfferedTimesTaken, Refusal
from services.booking.offers.commands import OfferRequest, make_offer
from services.booking.offers.free import refuse_if_not_free
from services.booking.web.organizer.desk import DONE, READ, Desk, desk_of, form_of
from services.booking.web.organizer.offers import OFFERS
from services.booking.web.organizer.on_behalf import choose_type_page
from services.booking.web.organizer.refused import reasons_against_time
from services.booking.web.organizer.type_choice import ChosenType, chosen_type
from services.booking.web.organizer.zone_options import Regions, regions_with
from services.chassis.http.instants import instant_of, written
from services.chassis.text.typed import trimmed
from services.chassis.web.zone_names import todays_name
from services.chassis.web.zones import is_zone

NEW = f"{OFFERS}/new"
ACTION = "offer"
# In front of a time: the name of its box.
BOX = "start."
WEEK = timedelta(days=7)

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBox:
    """A time to choose; `words` name its day too."""

    name: str
    label: str
    words: str
    chosen: bool
    fault: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPage:
    """The free times of a week with a box each, and whom those that are chosen are for."""

    TEMPLATE: ClassVar[str] = "organizer/offer_times.html"

    title: str
    duration: str
    zone_words: str
    known: bool
    week: str
    days: Sequence[tuple[str, Sequence[TimeBox]]]
    elsewhere: Sequence[TimeBox]
    earlier: str
    later: str
    name: str
    email: str
    zone: str
    regions: Regions
    hold: bool
    faults: Mapping[str, str]
    refused: Sequence[str]
    action: str
    form_key: str
    once: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What the form carries."""

    starts: tuple[datetime, ...]
    name: str
    email: str
    zone: str
    hold: bool
    once: str

    @property
    def addressee(self) -> Addressee | None:
        """Return whom the times are for, if they are named."""
        if not (self.name or self.email):
            return None
        return Addressee(name=self.name, email=self.email, time_zone=self.zone)


@routes.api_route(NEW, methods=READ)
async def choose_type(request: Request) -> Response:
    return await choose_type_page(await desk_of(request), "offer", NEW, OFFERS)


@routes.api_route(f"{NEW}/{{type_id}}/{{minutes}}", methods=READ)
async def choose_times(request: Request, type_id: str, minutes: str) -> Response:
    desk = await desk_of(request)
    chosen, fields = await chosen_type(desk, type_id, minutes), desk.typed_before() or {}
    week = fields.get("week") or request.query_params.get("week")
    return await _week_page(desk, chosen, week, _typed(desk, chosen, fields))


@routes.post(f"{NEW}/{{type_id}}/{{minutes}}")
async def offer_times(request: Request, type_id: str, minutes: str) -> Response:
    form_at = f"{NEW}/{type_id}/{minutes}"
    desk, fields = await form_of(request, ACTION, form_at=form_at)
    chosen = await chosen_type(desk, type_id, minutes)
    typed, week = _typed(desk, chosen, fields), fields.get("week")
    if "go" in fields:  # another week: nothing is offered, and what is chosen stays so
        return await _week_page(desk, chosen, fields["go"], typed)
    id_ = _id(desk, chosen, typed)
    asked = OfferRequest(
        offer_id=id_,
        organizer_id=desk.organizer.id,
        meeting_type_id=chosen.id,
        starts=typed.starts,
        duration_minutes=chosen.minutes,
        addressee=typed.addressee,
        held=typed.hold,
        expires_at=None,
    )
    minimum = desk.parts.settings.link_minimum_seconds
    try:
        await make_offer(
            desk.parts.transactions,
            asked,
            minimum,
            partial(refuse_if_not_free, desk.parts.free_times, desk.parts.tokens, asked),
        )
    except Invalid as invalid:
        faults = dict(_fault(fault, typed) for fault in invalid.faults)
        return await _week_page(desk, chosen, week, typed, faults=faults, status=422)
    except (OfferedTimesTaken, OfferedTimesNotFree) as taken:
        lost = {_box(typed.starts[place]): "offer_times.taken" for place in taken.places}
        faults = lost or {"times": "offer_times.taken"}
        return await _week_page(desk, chosen, week, typed, faults=faults, status=409)
    except Refusal as refusal:
        words = reasons_against_time(desk.visit, refusal)
        return await _week_page(desk, chosen, week, typed, refused=words, status=409)
    return desk.see_other(f"{OFFERS}/{id_}", **{DONE: "offered"})


async def _week_page(
    desk: Desk,
    chosen: ChosenType,
    week: str | None,
    typed: _Typed,
    *,
    faults: Mapping[str, str] | None = None,
    refused: Sequence[str] = (),
    status: int = 200,
) -> Response:
    clock, faults = chosen.clock, faults or {}
    first = _first_day(chosen, week)
    starts, known = await _free(desk, chosen, first)
    # What was chosen stays to be seen, also in another week or when it is not free any more.
    elsewhere = [each for each in typed.starts if each not in set(starts)]
    content = WeekPage(
        title=chosen.title,
        duration=clock.minutes(chosen.minutes),
        zone_words=clock.zone_at(starts[0] if starts else datetime.now(UTC)),
        known=known,
        week=first.isoformat(),
        days=[
            (words, [_time_box(chosen, each, typed, faults) for each in times])
            for words, times in _by_day(chosen, starts)
        ],
        elsewhere=[_time_box(chosen, each, typed, faults) for each in elsewhere],
        earlier=(first - WEEK).isoformat() if first > _this_week(chosen) else "",
        later=(first + WEEK).isoformat(),
        name=typed.name,
        email=typed.email,
        zone=typed.zone,
        regions=regions_with(typed.zone),
        hold=typed.hold,
        faults=faults,
        refused=refused,
        action=desk.link(_path(chosen)),
        form_key=desk.key(ACTION),
        once=typed.once,
        other=desk.link(NEW),
    )
    return desk.show(content, "offers", status=status, here=_path(chosen))


def _by_day(
    chosen: ChosenType, starts: Sequence[datetime]
) -> Sequence[tuple[str, Sequence[datetime]]]:
    """Return each day that has times, in words, with its times."""
    clock, today = chosen.clock, datetime.now(chosen.clock.zone).date()
    days = groupby(starts, key=lambda start: start.astimezone(clock.zone).date())
    return [(clock.day_near(day, today), list(times)) for day, times in days]


async def _free(desk: Desk, chosen: ChosenType, first: date) -> tuple[Sequence[datetime], bool]:
    """Return the week's times that could be booked with the offer, and whether they are known."""
    found = await desk.parts.free_times.between(
        replace(chosen.opening(desk), for_attendee=True),
        first.isoformat(),
        (first + WEEK).isoformat(),
        time_zone=chosen.clock.zone.key,
    )
    return found.starts, found.known


def _time_box(
    chosen: ChosenType, start: datetime, typed: _Typed, faults: Mapping[str, str]
) -> TimeBox:
    clock, name = chosen.clock, _box(start)
    return TimeBox(
        name=name,
        label=clock.time(start),
        words=clock.moment(start),
        chosen=start in typed.starts,
        fault=name in faults,
    )


def _typed(desk: Desk, chosen: ChosenType, fields: Mapping[str, str]) -> _Typed:
    boxes = (instant_of(name.removeprefix(BOX)) for name in fields if name.startswith(BOX))
    zone = fields.get("tz", "")
    return _Typed(
        starts=tuple(sorted({each for each in boxes if each}))[: MOST_TIMES + 1],
        name=trimmed(fields.get("name", "")),
        email=trimmed(fields.get("email", "")),
        zone=todays_name(zone if is_zone(zone) else chosen.profile.time_zone),
        hold=fields.get("hold") == "yes",
        once=fields.get("once") or desk.parts.forms.fresh(),
    )


def _id(desk: Desk, chosen: ChosenType, typed: _Typed) -> UUID:
    """Return the id of the offer: the same for the same form and all that is chosen in it."""
    said = "\n".join([*map(written, typed.starts), typed.name, typed.email, str(typed.hold)])
    begun = datetime.fromtimestamp(0, UTC)  # no one of the times stands for all
    return desk.parts.forms.booking_id(typed.once, f"{_path(chosen)}\n{said}", begun)


def _fault(fault: Fault, typed: _Typed) -> tuple[str, str]:
    """Return the field of the fault, with the key of its phrase."""
    match fault.pointer.split("/"):
        case ["", "starts", place] if place.isdecimal() and int(place) < len(typed.starts):
            return _box(typed.starts[int(place)]), "offer_times.unbookable"
        case ["", "starts"]:
            return "times", "offer_times.none" if not typed.starts else "offer_times.too_many"
        case ["", "addressees" | "addressee", *_, "email"]:
            alone = typed.name and not typed.email
            return "email", "offer_times.name_alone" if alone else "fault.email"
        case ["", "addressees" | "addressee", *_, "name"]:
            return "name", "fault.name"
        case _:
            return "times", "offer_times.too_short"


def _box(start: datetime) -> str:
    return f"{BOX}{written(start)}"


def _first_day(chosen: ChosenType, text: str | None) -> date:
    """Return the first day of the week that is asked for, never of one that is over."""
    try:
        asked = date.fromisoformat(text or "")
    except ValueError:
        asked = date.min
    this, week_start = _this_week(chosen), chosen.clock.reader.week_start
    if not this <= asked <= this + timedelta(days=3 * 365):
        return this
    return asked - timedelta(days=(asked.weekday() - week_start) % 7)


def _this_week(chosen: ChosenType) -> date:
    today = datetime.now(chosen.clock.zone).date()
    return today - timedelta(days=(today.weekday() - chosen.clock.reader.week_start) % 7)


def _path(chosen: ChosenType) -> str:
    return f"{NEW}/{chosen.id}/{chosen.minutes}"

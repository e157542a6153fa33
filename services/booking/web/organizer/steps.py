"""The steps of a booking: each event with the state before and after it, its rule and actor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain import booking
from services.booking.history.views import Step, view_steps
from services.booking.web.organizer.booking_lines import BOOKINGS
from services.booking.web.organizer.desk import READ, desk_of
from services.booking.web.organizer.history_words import actor_key, what_happened
from services.booking.web.organizer.own_booking import own_booking
from services.chassis.web.clock import Clock

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One event; states and actor are keys of phrases, the rule is named as the code names it."""

    number: int
    what: str
    event: str
    at: str
    by: str
    command: str
    rule: str
    rule_text: str
    before: str
    before_when: str
    after: str
    after_when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsPage:
    """A booking's events one by one."""

    TEMPLATE: ClassVar[str] = "organizer/steps.html"

    who: str
    title: str
    zone: str
    steps: Sequence[StepLine]
    back: str


@routes.api_route(f"{BOOKINGS}/{{booking_id}}/steps", methods=READ)
async def show(request: Request, booking_id: str) -> Response:
    own = await own_booking(await desk_of(request), booking_id)
    found = await own.desk.parts.transactions.read(lambda c: view_steps(c, own.id))
    content = StepsPage(
        who=own.who,
        title=own.meeting.title,
        zone=own.zone,
        steps=[_line(step, own.clock) for step in found],
        back=own.link(),
    )
    return own.desk.show(content, "bookings")


def _line(step: Step, clock: Clock) -> StepLine:
    return StepLine(
        number=step.version,
        what=what_happened(step.happened, clock),
        event=step.event,
        at=clock.moment(step.at),
        by=actor_key(step.actor),
        command=step.command or "",
        rule=step.rule.name if step.rule else "",
        rule_text=step.rule.text if step.rule else "",
        before=_name(step.before),
        before_when=_when(step.before, clock),
        after=_name(step.after),
        after_when=_when(step.after, clock),
    )


def _name(state: booking.State) -> str:
    return f"state.{type(state).__name__.lower()}"


def _when(state: booking.State, clock: Clock) -> str:
    if isinstance(state, booking.Vacant):
        return ""
    slot = booking.slot_of(state)
    return clock.when(slot.start, slot.end)

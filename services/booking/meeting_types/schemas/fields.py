"""The fields of a meeting type as they are sent: each with its range, checked by the domain."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from services.booking.domain.date_overrides import DateOverride, date_override_faults
from services.booking.domain.frame_origins import frame_origins_faults
from services.booking.domain.location import Location, location_faults
from services.booking.domain.meeting_type import Reminder, default_slug, rules
from services.booking.domain.question import Question, questions_faults
from services.booking.domain.refusals import Fault
from services.booking.domain.text import line_faults, paragraph_faults
from services.booking.domain.weekly_hours import Range, weekly_hours_faults
from services.booking.schemas import (
    TRIMMED,
    AnyLocationBody,
    Body,
    WeeklyHoursBody,
    location_of,
    ruled,
    typed,
    weekly_hours_of,
)
from services.chassis.http.faults import FieldFaults


class QuestionBody(Body):
    """A question to the attendee; without an id it gets one that is made from its label."""

    id: str | None = None
    label: Annotated[str, TRIMMED]
    kind: Literal["text", "long_text", "choice", "checkbox", "phone"] = "text"
    required: bool = False
    choices: tuple[Annotated[str, TRIMMED], ...] = ()


class ReminderBody(Body):
    """A mail that goes out so long before the meeting; an empty text is the usual one."""

    minutes_before: int
    to: Literal["attendee", "organizer", "both"] = "both"
    text: Annotated[str, TRIMMED] = ""


def overrides_of(sent: dict[str, tuple[Range, ...]]) -> tuple[DateOverride, ...]:
    """Return the dates with other hours, in their order."""
    return tuple(DateOverride(date, ranges) for date, ranges in sorted(sent.items()))


def questions_of(bodies: tuple[QuestionBody, ...]) -> tuple[Question, ...]:
    """Return the questions that the body asks for."""
    return tuple(
        Question(
            id=default_slug(each.label) if each.id is None else each.id,
            label=each.label,
            kind=each.kind,
            required=each.required,
            choices=each.choices,
        )
        for each in bodies
    )


def reminders_of(bodies: tuple[ReminderBody, ...]) -> tuple[Reminder, ...]:
    """Return the reminders that the body asks for."""
    return tuple(Reminder(**dict(each)) for each in bodies)


def locations_of(bodies: tuple[AnyLocationBody, ...]) -> tuple[Location, ...]:
    """Return the places that the body asks for."""
    return tuple(location_of(each) for each in bodies)


def _locations_faults(bodies: tuple[AnyLocationBody, ...]) -> list[Fault]:
    if not 1 <= len(bodies) <= rules.MOST_LOCATIONS:
        return [Fault("/locations", f"Must be 1 to {rules.MOST_LOCATIONS} places.")]
    found: list[Fault] = []
    for place, location in enumerate(locations_of(bodies)):
        found += location_faults(location, f"/locations/{place}")
        if location in locations_of(bodies[:place]):
            found.append(Fault(f"/locations/{place}", "Must be different from the others."))
    return found


def _fit_together(body: WeeklyHoursBody, info: ValidationInfo) -> WeeklyHoursBody:
    """Refuse ranges beside `hours: calendar`, which would have no effect, and hours of none."""
    hours, has_ranges = info.data.get("hours"), body != WeeklyHoursBody()
    if hours == "custom" and not has_ranges:
        raise ValueError(rules.NO_RANGES)
    if hours == "calendar" and has_ranges:
        raise FieldFaults(
            [
                ("", "Has no effect while hours is calendar; leave it out, or send hours custom."),
                ("../hours", "Must be custom when weekly_hours has ranges."),
            ]
        )
    return body


def _lead(longest: int, info: ValidationInfo) -> int:
    shortest = info.data.get("min_lead_minutes") or 0
    if faults := tuple(rules.longest_lead_faults(longest, shortest)):
        raise FieldFaults(("", fault.detail) for fault in faults)
    return longest


def _limit(limit: int) -> int:
    if faults := tuple(rules.limit_faults("", limit)):
        raise FieldFaults((fault.pointer, fault.detail) for fault in faults)
    return limit


def _buffer(minutes: int) -> int:
    if faults := tuple(rules.buffer_faults("", minutes)):
        raise FieldFaults((fault.pointer, fault.detail) for fault in faults)
    return minutes


Title = Annotated[str, TRIMMED, typed(line_faults, longest=rules.LONGEST_TITLE)]
Description = Annotated[str, TRIMMED, typed(paragraph_faults, longest=rules.LONGEST_DESCRIPTION)]
Duration = Annotated[int, ruled(rules.duration_faults)]
Durations = Annotated[tuple[int, ...], ruled(rules.durations_faults)]
Increment = Annotated[int, ruled(rules.increment_faults)]
ShortestLead = Annotated[int, ruled(rules.shortest_lead_faults)]
LongestLead = Annotated[int, AfterValidator(_lead)]
Buffer = Annotated[int, AfterValidator(_buffer)]
Limit = Annotated[int, AfterValidator(_limit)]
Weekly = Annotated[
    WeeklyHoursBody,
    ruled(lambda body: weekly_hours_faults(weekly_hours_of(body))),
    AfterValidator(_fit_together),
]
DateOverrides = Annotated[
    dict[str, tuple[Range, ...]],
    Field(description="By date, YYYY-MM-DD: the ranges that count on it; none closes it."),
    ruled(lambda sent: date_override_faults(overrides_of(sent))),
]
Locations = Annotated[
    tuple[Annotated[AnyLocationBody, Field(discriminator="kind")], ...], ruled(_locations_faults)
]
Questions = Annotated[
    tuple[QuestionBody, ...],
    ruled(lambda bodies: questions_faults("/questions", questions_of(bodies))),
]
Reminders = Annotated[
    tuple[ReminderBody, ...], ruled(lambda bodies: rules.reminders_faults(reminders_of(bodies)))
]
ApprovalDeadline = Annotated[int, ruled(rules.approval_deadline_faults)]
Cutoff = Annotated[int, ruled(rules.cutoff_faults)]
Colour = Annotated[str, ruled(rules.colour_faults)]
FrameOrigins = Annotated[tuple[str, ...], ruled(frame_origins_faults)]

"""What availability answers over HTTP."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.availability.domain.reasons import Rule


class Slot(BaseModel):
    """A time to meet; its end belongs to what follows."""

    start: datetime
    end: datetime


class Slots(BaseModel):
    """The slots of the time asked about, and the first day that has one."""

    slots: list[Slot]
    next_free_day: date | None
    computed_at: datetime
    stale: bool = Field(
        default=False, description="Whether a calendar of the organizer cannot be read just now."
    )
    stale_since: datetime | None = Field(
        default=None, description="When it was last read; what was known then still counts."
    )
    unknown: bool = Field(
        default=False,
        description="Whether nothing is offered because that was too long ago.",
    )


class RuleResult(BaseModel):
    """One rule's verdict on a start, in words for the organizer."""

    rule: Rule
    passed: bool
    detail: str
    since: datetime | None = Field(default=None, description="From when, as the detail says it.")
    until: datetime | None = Field(default=None, description="Until when.")
    minutes: int | None = Field(default=None, description="The minutes that the detail names.")


class Explanation(BaseModel):
    """Whether a start is offered, with the verdict of each rule."""

    offered: bool
    rules: list[RuleResult]

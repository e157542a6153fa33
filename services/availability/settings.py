"""Availability's settings."""

from typing import Annotated

from pydantic import Field

from services.chassis.runtime.settings import Settings


class AvailabilitySettings(Settings):
    """What availability needs beyond every service's settings."""

    calendar_seconds: Annotated[
        float, Field(ge=0.1, le=86_400, description="a calendar is read again after so long")
    ] = 300
    calendar_fresh_seconds: Annotated[
        float,
        Field(
            ge=1,
            le=30 * 86_400,
            description="the last known times of a calendar that cannot be read count for so "
            "long; then nothing is offered",
        ),
    ] = 86_400

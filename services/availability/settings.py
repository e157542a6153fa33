"""Availability's settings."""

from typing import Annotated

from pydantic import Field, field_validator

from services.chassis.http.networks import networks
from services.chassis.runtime.settings import Settings


class AvailabilitySettings(Settings):
    """What availability needs beyond every service's settings."""

    calendar_seconds: Annotated[
        float, Field(ge=0.1, le=86_400, description="a calendar is read again after so long")
    ] = 300
    calendar_allowed_networks: Annotated[
        str,
        Field(
            description="private networks in which calendars may be, as 10.1.0.0/16,fd00::/8; "
            "without it only public addresses are asked"
        ),
    ] = ""
    calendar_fresh_seconds: Annotated[
        float,
        Field(
            ge=1,
            le=30 * 86_400,
            description="the last known times of a calendar that cannot be read count for so "
            "long; then nothing is offered",
        ),
    ] = 86_400

    @field_validator("calendar_allowed_networks")
    @classmethod
    def _networks(cls, said: str) -> str:
        networks(said)
        return said

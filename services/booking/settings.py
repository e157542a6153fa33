"""Booking's settings."""

from typing import Annotated

from pydantic import Field

from services.chassis.runtime.settings import Settings, Url


class BookingSettings(Settings):
    """What booking needs beyond every service's settings."""

    availability_url: Annotated[Url, Field(description="where availability answers, http(s)://...")]
    hold_seconds: Annotated[
        int, Field(ge=5, le=1800, description="how long a slot is held, 5 to 1800 seconds")
    ] = 300
    link_default_days: Annotated[
        int, Field(ge=1, le=366, description="how long a private link lives, 1 to 366 days")
    ] = 90
    link_minimum_seconds: Annotated[
        int, Field(ge=1, description="the shortest life of a private link, in seconds")
    ] = 3600
    attendee_retention_days: Annotated[
        int | None,
        Field(
            ge=1,
            le=3650,
            description="how many days after the meeting attendees are erased, 1 to 3650; "
            "never when empty",
        ),
    ] = None
    held_data_link_minutes: Annotated[
        int,
        Field(ge=5, le=1440, description="how long the link to one's own data opens it, 5 to 1440"),
    ] = 60
    jitsi_url_template: Annotated[
        str, Field(description="a page's online meetings on Jitsi, https://... with {booking_id}")
    ] = "https://meet.jit.si/{booking_id}"
    verification_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=604800,
            description="how long an attendee may take to prove their address, where a meeting "
            "type asks for it, 1 minute to 7 days",
        ),
    ] = 86400
    verdict_wait_seconds: Annotated[
        float, Field(ge=0, le=10, description="how long an answer waits for availability")
    ] = 2.0

    @property
    def is_secure(self) -> bool:
        """Tell whether the pages are served over https, so that cookies can be secure."""
        return self.public_url.startswith("https:")

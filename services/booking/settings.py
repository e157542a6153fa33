"""Booking's settings."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from services.chassis.http.budgets.sizes import leaves_others, sizes
from services.chassis.runtime.settings import Url
from services.chassis.sign_in.settings import SignInSettings
from services.chassis.web.brand_settings import BrandSettings

# Of what all may use together, one network must leave most to the others.
SHARE_OF_A_NETWORK = 4


class BookingSettings(SignInSettings, BrandSettings):
    """What booking needs beyond every service's settings."""

    availability_url: Annotated[Url, Field(description="where availability answers, http(s)://...")]
    notifier_url: Annotated[
        Url | None,
        Field(
            description="where notifier answers, http(s)://...; when empty, organizers' pages do "
            "not show what became of mails"
        ),
    ] = None
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
            description="how many days after the meeting attendees are erased, and after its end "
            "those whom a private link is for, 1 to 3650; never when empty",
        ),
    ] = None
    held_data_link_minutes: Annotated[
        int,
        Field(ge=5, le=1440, description="how long the link to one's own data opens it, 5 to 1440"),
    ] = 60
    page_email_link_minutes: Annotated[
        int,
        Field(
            ge=5,
            le=10080,
            description="how long the link proves another address for a page, 5 to 10080",
        ),
    ] = 1440
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
    budget_factor: Annotated[
        float, Field(gt=0, le=1_000_000, description="multiplies every budget")
    ] = 1
    budget_network: Annotated[
        str,
        Field(
            description="writes without a sign-in from one network (IPv4 /32, IPv6 /64), "
            "<number>/<minutes, hours, days>[;...]"
        ),
    ] = "60/minute;600/hour"
    budget_address: Annotated[
        str, Field(description="bookings and mails that visitors ask for, for one mail address")
    ] = "20/hour;60/day"
    budget_link: Annotated[
        str, Field(description="times that visitors reserve with one private link")
    ] = "120/hour"
    budget_visitor_holds: Annotated[
        str,
        Field(
            description="times that one visitor (a browser, else a network) may hold and neither "
            "confirm nor give back; the window is to be as long as an extended hold"
        ),
    ] = "6/10 minutes"
    budget_network_holds: Annotated[
        str, Field(description="times that the visitors of one network may reserve")
    ] = "40/10 minutes"
    budget_organizer: Annotated[
        str,
        Field(
            description="what visitors may reserve and change at one organizer's; at least 4 times "
            "what a network may in an hour, so that none uses it up"
        ),
    ] = "300/minute;3600/hour"
    budget_total: Annotated[
        str, Field(description="writes without a sign-in, of all networks together; as the above")
    ] = "1200/minute;20000/hour"
    budget_grace_seconds: Annotated[
        float,
        Field(
            ge=1,
            le=60,
            description="how long requests without a sign-in are still taken when processes cannot "
            "share their counts; behind that they are answered 503",
        ),
    ] = 5
    form_minimum_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description="a visitor's form that comes back sooner was not filled in by a person, "
            "0 to 10 seconds",
        ),
    ] = 0.5
    verdict_wait_seconds: Annotated[
        float, Field(ge=0, le=10, description="how long an answer waits for availability")
    ] = 2.0

    @field_validator(
        "budget_network",
        "budget_address",
        "budget_link",
        "budget_visitor_holds",
        "budget_network_holds",
        "budget_organizer",
        "budget_total",
    )
    @classmethod
    def _a_budget(cls, said: str) -> str:
        sizes(said)
        return said

    @field_validator("budget_organizer", "budget_total")
    @classmethod
    def _large_enough(cls, said: str, info: ValidationInfo) -> str:
        network = info.data.get("budget_network")
        if network is not None and not leaves_others(said, network, SHARE_OF_A_NETWORK):
            raise ValueError("one network could use it up")
        return said

    @property
    def held_data_link_life(self) -> timedelta:
        """Return how long the link to one's own data opens it."""
        return timedelta(minutes=self.held_data_link_minutes)

    @property
    def page_email_link_life(self) -> timedelta:
        """Return how long the link that was mailed to another address proves it."""
        return timedelta(minutes=self.page_email_link_minutes)

    @property
    def is_secure(self) -> bool:
        """Tell whether the pages are served over https, so that cookies can be secure."""
        return self.public_url.startswith("https:")

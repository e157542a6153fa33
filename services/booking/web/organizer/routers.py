"""The routers of the organizers' pages: each module has one page, and adds its own here."""

from services.booking.web.organizer import (
    answering,
    booking,
    bookings,
    cancelling_several,
    changing,
    details,
    moving,
    offering_times,
    offers,
    on_behalf,
    overview,
    steps,
    why,
)

# The pages of one booking come behind those of all: the first address that fits is taken.
ROUTERS = (
    overview.routes,
    bookings.routes,
    cancelling_several.routes,
    on_behalf.routes,
    booking.routes,
    answering.routes,
    changing.routes,
    moving.routes,
    details.routes,
    steps.routes,
    offering_times.routes,
    offers.routes,
    why.routes,
)

"""The routers of the organizers' pages: each module has one page, and adds its own here."""

from services.booking.web.organizer import overview

ROUTERS = (overview.routes,)

"""The routers of the organizers' pages: each module has one page, and adds its own here."""

from services.booking.web.organizer import (
    export,
    link,
    links,
    overview,
    page_settings,
    preview,
    share,
    type_editor,
    types,
    welcome,
    welcome_meeting,
)

ROUTERS = (
    overview.routes,
    welcome.routes,
    welcome_meeting.routes,
    types.routes,
    type_editor.routes,
    links.routes,
    link.routes,
    share.routes,
    preview.routes,
    page_settings.routes,
    export.routes,
)

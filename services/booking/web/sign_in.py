"""What sign-in tells people, as a page of booking."""

from starlette.requests import Request
from starlette.responses import Response

from services.booking.web.responses import page, visit_of
from services.chassis.sign_in.notice_page import content_of, headers_of
from services.chassis.sign_in.notices import Notice


def show_notice(request: Request, notice: Notice) -> Response:
    """Return the notice as a page."""
    response = page(visit_of(request), content_of(notice, request), status=notice.status)
    response.headers.update(headers_of(notice))
    return response

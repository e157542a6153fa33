"""Who may frame the page of a problem that was met before it was known what is asked about.

A visitor in a frame whose network has used its budget up, say, reads so: without these origins the
browser would show nothing of ours.
"""

from contextlib import suppress

from fastapi import Request

from services.booking.domain.refusals import Refusal
from services.booking.parts import Parts
from services.booking.web.attendee.booking_visit import visit_booking
from services.booking.web.frames import is_framed, noted_frame_origins
from services.chassis.http.problems import Problem
from services.chassis.postgres.faults import DatabaseUnavailable
from services.chassis.postgres.patience import for_a_request


async def frame_origins_of(parts: Parts, request: Request) -> tuple[str, ...]:
    """Return the origins that were noted for the request; else those behind its address."""
    noted = noted_frame_origins(request)
    if noted is not None or not is_framed(request):
        return noted or ()
    with suppress(Refusal, Problem, DatabaseUnavailable), for_a_request():
        match request.url.path.strip("/").split("/"):
            case ["with", handle, slug]:
                return (await parts.offerings.at_address(handle, slug)).settings.frame_origins
            case ["m", "booking", booking_id, "confirm" | "release"]:
                return (await visit_booking(parts, request, booking_id)).frame_origins
            case _:
                pass
    return ()

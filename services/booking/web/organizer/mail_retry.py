"""A mail about a booking that is sent again because its organizer asks for it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain.refusals import NotFound
from services.booking.web.organizer.booking import booking_page
from services.booking.web.organizer.booking_lines import BOOKINGS
from services.booking.web.organizer.desk import DONE, form_of
from services.booking.web.organizer.own_booking import own_booking
from services.chassis.ids import parse_id

routes = APIRouter(include_in_schema=False)


@routes.post(f"{BOOKINGS}/{{booking_id}}/mails/{{mail_id}}/retry")
async def retry(request: Request, booking_id: str, mail_id: str) -> Response:
    form_at = f"{BOOKINGS}/{booking_id}"
    desk, _ = await form_of(request, f"mail-{mail_id}-{booking_id}", form_at=form_at)
    own = await own_booking(desk, booking_id)
    id_, client = parse_id(mail_id), desk.parts.mails
    if id_ is None or client is None:
        raise NotFound("mail")
    retried = await client.retry(id_, desk.parts.tokens.organizer(desk.organizer.id))
    match retried:
        case "retried":
            return desk.see_other(own.path, **{DONE: "mail_retried"})
        case "missing":
            raise NotFound("mail")
        case "settled":
            return await booking_page(own, problem=["mails.settled"], status=409)
        case "unknown":
            return await booking_page(own, problem=["mails.not_retried"], status=503)

"""The calendar file of a booking as it stands."""

from datetime import datetime

from services.booking.bookings.views import BookingView
from services.booking.domain import booking
from services.booking.domain.location import InPerson, Location, Online, Phone
from services.booking.domain.refusals import StateConflict
from services.calendar_entry.entry import Method, Names, Party, entry_of
from services.chassis.web.zone_names import todays_name
from services.chassis.web.zones import zone_of


def calendar_file(view: BookingView) -> bytes:
    """Return the file; raise StateConflict while there is no meeting to put into a calendar."""
    match view.state:
        case booking.Confirmed():
            return _file(view, view.state, "REQUEST", view.at)
        case booking.Cancelled():
            return _file(view, view.state, "CANCEL", view.at)
        case _:
            raise StateConflict("There is a calendar file once the booking is confirmed.")


def _file(
    view: BookingView, state: booking.Confirmed | booking.Cancelled, method: Method, at: datetime
) -> bytes:
    """Return the entry that the mails carry too: importing both gives one entry."""
    # Imported for the first file only: it takes 4 MB that most processes never need.
    from services.calendar_entry.file import build  # noqa: PLC0415

    terms, attendee = state.meeting.terms, view.attendee
    if attendee is None:
        raise StateConflict("The attendee was erased; there is no calendar file any more.")
    entry = entry_of(
        uid=booking.uid(view.id),
        sequence=state.ics_sequence,
        start=state.slot.start,
        end=state.slot.end,
        zone=zone_of(todays_name(attendee.time_zone)),
        organizer=Party(terms.organizer.display_name, terms.organizer.email),
        attendee=Party(attendee.name, attendee.email),
        names=Names(
            title=terms.title,
            organizer=terms.organizer.display_name,
            attendee=attendee.name,
        ),
        place=_place(terms.location),
        join_url=(terms.join_url or "") if isinstance(terms.location, Online) else "",
    )
    return build(entry, method=method, dtstamp=at)


def _place(location: Location) -> str:
    match location:
        case InPerson(address):
            return address
        case Phone("attendee", number):
            return number or ""
        case Phone() | Online():
            return ""

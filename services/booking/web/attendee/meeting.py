"""A meeting in the words of a page: what, with whom, where; and links to web calendars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from urllib.parse import quote, urlencode

from services.booking.domain.location import InPerson, Location, Online, Phone
from services.chassis.web.catalogues import Language
from services.chassis.web.hosts import host_on_the_wire
from services.chassis.web.plain_text import one_line, web_address

OUTLOOK_PATH = "calendar/0/deeplink/compose"


@dataclass(frozen=True, slots=True)
class MeetingWords:
    """What a page says about a meeting; the description keeps its line breaks.

    `places` are there where the visitor chooses one of several.
    `join_host` is named where the address to join is written in letters that may look like others.
    """

    title: str
    organizer: str
    initials: str
    where: str
    join_url: str | None = None
    join_host: str = ""
    description: str = ""
    places: Sequence[str] = ()


def meeting_words(
    language: Language,
    *,
    title: str,
    organizer: str,
    location: Location,
    more_locations: Sequence[Location] = (),
    description: str = "",
    booked: bool = False,
    join_url: str | None = None,
) -> MeetingWords:
    """Return the meeting for a page; how to join or call is shown only once it is booked."""
    address = web_address(join_url) if booked and join_url else None
    name = one_line(organizer, 120)
    several = (location, *more_locations) if more_locations else ()
    return MeetingWords(
        title=one_line(title, 120),
        organizer=name,
        initials=initials(organizer),
        where=where(language, location, name, booked=booked),
        join_url=address,
        join_host=host_on_the_wire(address) if address else "",
        description=description,
        places=[where(language, each, name, booked=False) for each in several],
    )


def initials(name: str) -> str:
    """Return one or two letters that stand for the name."""
    words = [word for word in one_line(name).split() if word[0].isalpha()]
    letters = [words[0][0], *([words[-1][0]] if len(words) > 1 else [])] if words else ["·"]
    return "".join(letters).upper()


def where(language: Language, location: Location, organizer: str, *, booked: bool) -> str:
    """Return where the meeting takes place, in words."""
    match location:
        case InPerson(address):
            return one_line(address, 300)
        case Phone(who_calls="organizer"):
            return language.say("where.they_call", organizer=organizer)
        case Phone(number=number) if booked and number:
            return language.say("where.you_call", number=one_line(number, 50))
        case Phone():
            return language.say("where.phone")
        case Online():
            return language.say("where.online")
        case _:
            assert_never(location)


def calendar_links(
    language: Language, meeting: MeetingWords, start: datetime, end: datetime, manage_url: str
) -> Mapping[str, str]:
    """Return the links that add the meeting to a web calendar, by the key of the link's phrase.

    The entry leads to the booking, as the one in the mail does: who follows the link is its
    attendee.
    """
    place = meeting.join_url or meeting.where
    if meeting.join_host:
        place += f" ({meeting.join_host})"
    title = f"{meeting.title}: {meeting.organizer}"
    begins, ends = start.astimezone(UTC), end.astimezone(UTC)
    note = language.say("booking.entry", url=manage_url)
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{begins:%Y%m%dT%H%M%SZ}/{ends:%Y%m%dT%H%M%SZ}",
        "location": place,
        "details": note,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{begins:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "location": place,
        "body": note,
    }
    return {
        key: f"{address}?{urlencode(query, quote_via=quote)}"
        for key, address, query in (
            ("booking.add.google", "https://calendar.google.com/calendar/render", google),
            ("booking.add.outlook", f"https://outlook.live.com/{OUTLOOK_PATH}", outlook),
            ("booking.add.office", f"https://outlook.office.com/{OUTLOOK_PATH}", outlook),
        )
    }

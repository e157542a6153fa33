"""A meeting in the words of a page: what, with whom, where; and links to web calendars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from urllib.parse import urlencode

from services.booking.domain.location import InPerson, Location, Online, Phone
from services.chassis.web.catalogues import Language
from services.chassis.web.plain_text import one_line, web_address


@dataclass(frozen=True, slots=True)
class MeetingWords:
    """What a page says about a meeting; the description keeps its line breaks."""

    title: str
    organizer: str
    initials: str
    where: str
    join_url: str | None = None
    description: str = ""


def meeting_words(
    language: Language,
    *,
    title: str,
    organizer: str,
    location: Location,
    description: str = "",
    booked: bool = False,
    join_url: str | None = None,
) -> MeetingWords:
    """Return the meeting for a page; how to join or call is shown only once it is booked."""
    return MeetingWords(
        title=one_line(title, 120),
        organizer=one_line(organizer, 120),
        initials=initials(organizer),
        where=where(language, location, one_line(organizer, 120), booked=booked),
        join_url=web_address(join_url) if booked and join_url else None,
        description=description,
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


def calendar_links(meeting: MeetingWords, start: datetime, end: datetime) -> Mapping[str, str]:
    """Return the links that add the meeting to a web calendar, by the calendar's name."""
    place = meeting.join_url or meeting.where
    title = f"{meeting.title}: {meeting.organizer}"
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}/{end.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        "location": place,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "location": place,
    }
    return {
        "Google": f"https://calendar.google.com/calendar/render?{urlencode(google)}",
        "Outlook": f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(outlook)}",
    }

"""The public meeting types with which a new page begins."""

from pathlib import Path

from services.booking.domain.location import InPerson
from services.booking.domain.meeting_type import Settings, default_increment, default_slug
from services.chassis.web.catalogues import catalogue, language_code

DEFAULT_MINUTES = (15, 30)
WORDS = Path(__file__).parent / "words"


def default_types(locale: str) -> tuple[Settings, ...]:
    """Return the settings of the first types, in the organizer's language."""
    language = catalogue(WORDS)[language_code(locale)]
    place = InPerson(language.say("default.place"))
    titles = {each: language.say("default.title", minutes=each) for each in DEFAULT_MINUTES}
    return tuple(
        Settings(
            title=title,
            slug=default_slug(title),
            duration_minutes=minutes,
            increment_minutes=default_increment(minutes),
            location=place,
        )
        for minutes, title in titles.items()
    )

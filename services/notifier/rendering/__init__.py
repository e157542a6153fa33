"""Letters become mails: pure from letter and time to bytes, templates and words read once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup, escape

from services.calendar_entry.words import answers_in_words
from services.chassis.web.brand import Brand
from services.chassis.web.catalogues import Language
from services.notifier.domain.delivery import (
    CALENDAR_KINDS,
    UNPROVEN_KINDS,
    Kind,
    message_id,
)
from services.notifier.domain.letters import Contact, Letter
from services.notifier.rendering.calendar_entry import calendar_file, method_of
from services.notifier.rendering.facts import facts_of, relation_to
from services.notifier.rendering.look import PLAIN, look_of
from services.notifier.rendering.message import Content, compose
from services.notifier.rendering.wording import clock_of

__all__ = ["environment", "render"]

# What the attendee's button says, where it is not to move or cancel the meeting.
ACTIONS: Mapping[Kind, str] = {
    "cancellation": "manage.action.cancelled",
    "decline": "manage.action.cancelled",
    "lapse": "manage.action.cancelled",
    "request": "manage.action.request",
    "request_change": "manage.action.request",
    "ask": "manage.action.ask",
}
# The colour above what a letter says, by its token; the others have the accent.
EDGES: Mapping[Kind, str] = {
    "confirmation": "good",
    "cancellation": "danger",
    "decline": "danger",
    "lapse": "danger",
}
TEMPLATES = Path(__file__).parent.parent / "templates"


def render(letter: Letter, *, sender: Address, dtstamp: datetime, brand: Brand = PLAIN) -> bytes:
    """Return the letter as a mail; raise UnsendableAddress if a party's address is none."""
    look = look_of(brand)
    clock = clock_of(letter.locale, letter.time_zone)
    language = clock.reader.language
    letter = _with_a_name(letter, language)
    facts = facts_of(letter, clock)
    values = {
        **facts,
        "kind": letter.kind,
        "relation": relation_to(letter),
        "recipient": letter.recipient,
        "outcome": letter.outcome,
        "has_calendar": letter.has_calendar,
        "greeting": "greeting.unproven" if letter.kind in UNPROVEN_KINDS else "greeting",
        "footer": "footer" if letter.kind in CALENDAR_KINDS else "footer.request",
        "action": ACTIONS.get(letter.kind, "manage.action"),
        "answers": list(answers_in_words(letter.answers, language)),
        "language": language.code,
        "look": look,
        "edge": EDGES.get(letter.kind, "accent"),
    }
    say = partial(language.say, **facts)
    content = Content(
        language=language.code,
        # What keeps a body from linking would only make a subject unreadable to filters.
        subject=_template(letter.kind, "subject.txt").render(values, say=say).replace("\u200b", ""),
        text=_template(letter.kind, "body.txt").render(values, say=say),
        html=_template(letter.kind, "body.html").render(values, say=_in_html(language, facts)),
        calendar=calendar_file(letter, sender.addr_spec, dtstamp) if letter.has_calendar else None,
        method=method_of(letter),
        logo=look.logo,
    )
    return compose(
        content,
        message_id=message_id(letter.delivery, sender.domain),
        sender=sender,
        addressee=letter.addressee,
        reply_to=letter.counterpart if letter.counterpart.email else None,
        date=dtstamp,
    )


def _with_a_name(letter: Letter, language: Language) -> Letter:
    """Return the letter with words where an attendee's name was, if they are erased."""
    if letter.meeting.attendee.email:
        return letter
    nobody = Contact(language.phrases["erased.attendee"], "")
    return replace(letter, meeting=replace(letter.meeting, attendee=nobody))


def _in_html(language: Language, facts: Mapping[str, str]) -> Callable[[str], Markup]:
    """Return what says phrases with the facts, escaped, each kept from turning its neighbours.

    The facts are made safe once for all phrases of a letter.
    """
    isolated = {name: f"<bdi>{escape(fact)}</bdi>" for name, fact in facts.items()}

    def say(key: str) -> Markup:
        return Markup(str(escape(language.phrases[key])).format_map(isolated))  # noqa: S704 -- escaped

    return say


@lru_cache
def _template(kind: str, form: str) -> Template:
    return environment().get_template(f"{kind}/{form}")


@lru_cache
def environment() -> Environment:
    """Return what reads the templates."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

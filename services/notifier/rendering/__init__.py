"""Letters become mails: pure from letter and time to bytes, templates and words read once."""

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.calendar_entry.words import answers_in_words
from services.chassis.web.clock import Clock
from services.notifier.domain.delivery import message_id
from services.notifier.domain.letters import Letter
from services.notifier.rendering.calendar_entry import calendar_file, method_of
from services.notifier.rendering.facts import facts_of, relation_to
from services.notifier.rendering.message import Content, compose
from services.notifier.rendering.wording import clock_of

__all__ = ["render"]

TEMPLATES = Path(__file__).parent.parent / "templates"


def render(letter: Letter, *, sender: Address, dtstamp: datetime) -> EmailMessage:
    """Return the letter as a mail; raise UnsendableAddress if a party's address is none."""
    clock = clock_of(letter.locale, letter.time_zone)
    facts = facts_of(letter, clock)
    content = Content(
        language=clock.reader.language.code,
        # What keeps a body from linking would only make a subject unreadable to filters.
        subject=_fill("subject.txt", letter, clock, facts).replace("\u200b", ""),
        text=_fill("body.txt", letter, clock, facts),
        html=_fill("body.html", letter, clock, facts),
        calendar=calendar_file(letter, sender.addr_spec, dtstamp),
        method=method_of(letter),
    )
    return compose(
        content,
        message_id=message_id(letter.delivery, sender.domain),
        sender=sender,
        addressee=letter.addressee,
        reply_to=letter.counterpart,
        date=dtstamp,
    )


def _fill(form: str, letter: Letter, clock: Clock, facts: Mapping[str, str]) -> str:
    language = clock.reader.language
    say = language.say_in_html if form.endswith(".html") else language.say
    template = _environment().get_template(f"{letter.kind}/{form}")
    return template.render(
        facts,
        kind=letter.kind,
        relation=relation_to(letter),
        answers=list(answers_in_words(letter.answers, language)),
        language=language.code,
        say=partial(say, **facts),
    )


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

"""The mails with a link for their reader alone: pure from letter and time to bytes."""

from datetime import datetime
from email.headerregistry import Address
from functools import lru_cache

from jinja2 import Template
from markupsafe import Markup, escape

from services.chassis.web.brand import Brand
from services.chassis.web.plain_text import web_address
from services.notifier.domain.delivery import message_id
from services.notifier.domain.letters import Contact, LinkLetter
from services.notifier.rendering import environment
from services.notifier.rendering.look import PLAIN, look_of
from services.notifier.rendering.message import Content, compose
from services.notifier.rendering.wording import clock_of


def render_link_letter(
    letter: LinkLetter, sender: Address, date: datetime, brand: Brand = PLAIN
) -> bytes:
    """Return the letter as a mail; raise UnsendableAddress if the address is none."""
    clock = clock_of(letter.locale, letter.time_zone)
    language = clock.reader.language
    # Nothing that was typed: that the address is its reader's is not proven.
    kind = letter.delivery.kind
    facts = {"until": clock.moment(letter.expires_at)}
    escaped = {name: f"<bdi>{escape(fact)}</bdi>" for name, fact in facts.items()}

    def say(key: str) -> str:
        return language.say(key, **facts)

    def say_in_html(key: str) -> Markup:
        return Markup(str(escape(language.phrases[key])).format_map(escaped))  # noqa: S704 -- escaped

    look = look_of(brand)
    values = {
        "kind": kind,
        "language": language.code,
        "url": web_address(letter.url) or "",
        "look": look,
        "edge": "accent",
    }
    content = Content(
        language=language.code,
        subject=say(f"{kind}.subject"),
        text=_template("body.txt").render(values, say=say),
        html=_template("body.html").render(values, say=say_in_html),
        calendar=None,
        method="PUBLISH",
        logo=look.logo,
    )
    return compose(
        content,
        message_id=message_id(letter.delivery, sender.domain),
        sender=sender,
        addressee=Contact("", letter.address),
        reply_to=None,
        date=date,
    )


@lru_cache
def _template(form: str) -> Template:
    return environment().get_template(f"link_letter/{form}")

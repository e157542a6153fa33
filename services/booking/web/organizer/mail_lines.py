"""The mails about a booking in words: to whom, what, what became of each, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.booking.mails import BookingMails, Mail
from services.booking.web.organizer.booking_lines import BOOKINGS, Standing, Tone
from services.booking.web.organizer.desk import HOME
from services.booking.web.organizer.own_booking import OwnBooking
from services.chassis.web.plain_text import one_line

_STATES: dict[str, Tone] = {
    "waiting": "accent",
    "sending": "accent",
    "retrying": "warning",
    "sent": "good",
    "failed": "danger",
    "overtaken": "",
}
# What another try does not change: the address is wrong, or gone.
_OF_THE_ADDRESS = frozenset({"recipient_refused", "bad_address", "refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """What can be done about a mail that did not arrive: a sentence, and where it leads."""

    words: str
    href: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """A mail; `retry` is where the form goes that has it sent again, empty where nothing can be."""

    id: str
    what: str
    to: str
    address: str
    state: Standing
    lines: Sequence[str]
    way_out: WayOut | None
    retry: str
    retry_key: str
    retry_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailsPart:
    """The mails about a booking; `failed` is whether one of them did not arrive."""

    known: bool
    lines: Sequence[MailLine]
    failed: bool


async def mails_part(own: OwnBooking) -> MailsPart | None:
    """Return what became of the mails about the booking; None where notifier is not to be asked."""
    client = own.desk.parts.mails
    if client is None:
        return None
    token = own.desk.parts.tokens.organizer(own.desk.organizer.id)
    found = await client.about(own.id, token)
    return MailsPart(
        known=found.known,
        lines=[_line(mail, own) for mail in found.mails],
        failed=any(_is_missing(mail, found) for mail in found.mails),
    )


def _is_missing(mail: Mail, found: BookingMails) -> bool:
    """Tell whether the mail failed, and none that came later has reached the same party."""
    later = found.mails[found.mails.index(mail) :]
    return mail.state == "failed" and not any(
        each.state == "sent" and each.to_attendee == mail.to_attendee for each in later
    )


def _line(mail: Mail, own: OwnBooking) -> MailLine:
    state = mail.state if mail.state in _STATES else "waiting"
    may_retry = state in ("failed", "retrying") and mail.cause != "no_attendee"
    return MailLine(
        id=str(mail.id),
        what=_known(own, "mails.kind", mail.kind),
        to=_say(own, "mails.to", who=own.who) if mail.to_attendee else _say(own, "mails.to_you"),
        # Where a mail went that is sent or given up is not kept.
        address=one_line(mail.address, 254) if state in ("waiting", "sending", "retrying") else "",
        state=Standing(words=f"mails.state.{state}", tone=_STATES[state]),
        lines=[each for each in (_why(mail, state, own), _when(mail, state, own)) if each],
        way_out=_way_out(mail, own) if state == "failed" else None,
        retry=own.link(f"/mails/{mail.id}/retry") if may_retry else "",
        retry_key=own.key(f"mail-{mail.id}"),
        retry_words=f"mails.retry.{state}" if may_retry else "",
    )


def _when(mail: Mail, state: str, own: OwnBooking) -> str:
    """Return the sentence with the mail's times."""
    given = {
        "since": mail.since,
        "sent": mail.sent_at,
        "next": mail.next_attempt_at,
        "until": mail.gives_up_at,
        "given_up": mail.given_up_at,
    }
    moments = {name: own.clock.moment(at) if at else "" for name, at in given.items()}
    return _say(own, f"mails.{state}", attempts=str(mail.attempts), **moments)


def _why(mail: Mail, state: str, own: OwnBooking) -> str:
    """Return what the mail server said last, in words and by its code."""
    if state not in ("retrying", "failed") or not mail.cause:
        return ""
    code = _say(own, "mails.code", code=str(mail.smtp_code)) if mail.smtp_code else ""
    return f"{_known(own, 'mails.cause', mail.cause)} {code}".strip()


def _way_out(mail: Mail, own: OwnBooking) -> WayOut | None:
    if mail.cause not in _OF_THE_ADDRESS:
        return None
    if mail.to_attendee:
        words, path, link = "mails.do.attendee", f"{BOOKINGS}/new", "bookings.new"
    else:
        words, path, link = "mails.do.own", f"{HOME}/page", "organizer.tab.page"
    return WayOut(words=words, href=own.desk.link(path), link=link)


def _known(own: OwnBooking, group: str, name: str) -> str:
    """Return the phrase for a name of notifier's, or one for all that have none here."""
    key = f"{group}.{name}"
    known = key in own.clock.reader.language.phrases
    return _say(own, key if known else f"{group}.other")


def _say(own: OwnBooking, key: str, **facts: str) -> str:
    return own.clock.reader.language.say(key, **facts)

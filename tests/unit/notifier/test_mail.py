"""A letter as the mail that it becomes: parts, headers, calendar, what each party may see."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import product
from typing import Any

import pytest
from icalendar import Calendar, Event

from services.calendar_entry.details import Answer, Changer
from services.chassis.text.mail_address import UnsendableAddress
from services.notifier import rendering
from services.notifier.domain.delivery import Kind, Recipient
from services.notifier.domain.letters import Contact
from tests.letters import (
    ANNA,
    BOOKING,
    DTSTAMP,
    EARLIER,
    JOIN,
    MANAGE,
    PLACES,
    SENDER,
    VISITOR,
    content,
    letter,
)

KINDS = ("confirmation", "change", "cancellation")
RECIPIENTS: tuple[Recipient, ...] = ("attendee", "organizer")


def sent(**changes: Any) -> EmailMessage:
    """Return the mail as its reader gets it: rendered, written, parsed."""
    mail = rendering.render(letter(**changes), sender=SENDER, dtstamp=DTSTAMP)
    return message_from_bytes(mail, policy=default)


def parts(mail: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}


def words(mail: EmailMessage) -> str:
    return str(parts(mail)["text/plain"].get_content()).replace("\r\n", "\n")


def entry(mail: EmailMessage) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(content(parts(mail)["text/calendar"]))
    [event] = calendar.events
    return calendar, event


@pytest.mark.parametrize(("kind", "recipient"), [*product(KINDS, RECIPIENTS)])
def test_a_mail_is_text_html_and_calendar_with_the_same_calendar_attached(
    kind: Kind, recipient: Recipient
) -> None:
    mail = sent(kind=kind, recipient=recipient)

    assert mail.get_content_type() == "multipart/mixed"
    alternatives, attachment = mail.iter_parts()
    assert alternatives.get_content_type() == "multipart/alternative"
    text, html, calendar = alternatives.iter_parts()
    assert [part.get_content_type() for part in (text, html, calendar)] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    method = "CANCEL" if kind == "cancellation" else "REQUEST"
    assert calendar.get_content_charset() == "utf-8"
    assert calendar.get_param("method") == method
    assert attachment.get_content_disposition() == "attachment"
    assert attachment.get_filename() == "invite.ics"
    assert calendar.get_payload(decode=True) == attachment.get_payload(decode=True)
    assert [part for part in mail.walk() if part.defects] == []


@pytest.mark.parametrize(("kind", "recipient"), [*product(KINDS, RECIPIENTS)])
def test_the_calendar_asks_or_takes_back_with_one_uid_and_both_parties(
    kind: Kind, recipient: Recipient
) -> None:
    calendar, event = entry(sent(kind=kind, recipient=recipient, ics_sequence=5))

    cancelled = kind == "cancellation"
    assert ("CANCEL" if cancelled else "REQUEST") == calendar["METHOD"]
    assert ("CANCELLED" if cancelled else "CONFIRMED") == event["STATUS"]
    assert f"{BOOKING}@bookwith" == event["UID"]
    assert event["SEQUENCE"] == 5
    assert event.DTSTAMP == DTSTAMP
    assert ANNA.name == event["ORGANIZER"].params["CN"]
    if recipient == "attendee":
        assert f"mailto:{ANNA.email}" == event["ORGANIZER"]
        assert f"mailto:{SENDER.addr_spec}" == event["ORGANIZER"].params["SENT-BY"]
        assert f"mailto:{VISITOR.email}" == event["ATTENDEE"]
    else:
        assert f"mailto:{SENDER.addr_spec}" == event["ORGANIZER"]
        assert [f"mailto:{ANNA.email}", f"mailto:{VISITOR.email}"] == event["ATTENDEE"]
    assert letter().meeting.slot.start == event.start
    assert letter().meeting.slot.end == event.end


def test_the_headers_say_who_when_and_under_which_key() -> None:
    mail = sent(kind="change", recipient="organizer", ics_sequence=1, locale="da")

    assert mail["From"] == "Bookwith <bookings@bookwith.example>"
    assert f'"{ANNA.name}" <{ANNA.email}>' == mail["To"]
    assert f"{VISITOR.name} <{VISITOR.email}>" == mail["Reply-To"]
    assert f"<{BOOKING}.1.change.organizer@bookwith.example>" == mail["Message-ID"]
    assert mail["Date"].datetime == DTSTAMP
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "da"
    assert mail["Subject"] == (
        "Flyttet: Intro: what we could build med Søs Ærø, nu torsdag den 3. december 2026 kl. 10.00"
    )


def test_the_calendar_part_is_declared_to_the_letter_and_the_key_stands_on_one_line() -> None:
    raw = rendering.render(letter(), sender=SENDER, dtstamp=DTSTAMP).decode()

    assert "\r\nContent-Type: text/calendar; method=REQUEST; charset=UTF-8\r\n" in raw
    assert f"\r\nMessage-ID: <{BOOKING}.0.confirmation.attendee@bookwith.example>\r\n" in raw


def test_the_same_letter_is_the_same_bytes() -> None:
    first, second = (rendering.render(letter(), sender=SENDER, dtstamp=DTSTAMP) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_attendee_gets_the_manage_link(kind: Kind) -> None:
    to_attendee = sent(kind=kind, recipient="attendee")
    to_organizer = sent(kind=kind, recipient="organizer")

    assert MANAGE in words(to_attendee)
    assert f'href="{MANAGE}"' in parts(to_attendee)["text/html"].get_content()
    for part in parts(to_organizer).values():
        assert b"bwm_" not in content(part)


def test_the_calendar_entry_carries_the_links_that_its_owner_may_use() -> None:
    _, attendees = entry(sent(recipient="attendee"))
    _, organizers = entry(sent(recipient="organizer"))
    _, cancelled = entry(sent(kind="cancellation"))

    assert JOIN in str(attendees["DESCRIPTION"])
    assert MANAGE in str(attendees["DESCRIPTION"])
    assert f"With: {VISITOR.name}\nJoin: {JOIN}" == organizers["DESCRIPTION"]
    assert JOIN not in str(cancelled["DESCRIPTION"])
    assert f"See the booking: {MANAGE}" in str(cancelled["DESCRIPTION"])


@pytest.mark.parametrize(
    ("place", "recipient", "expected"),
    [
        ("in person", "attendee", "Strandvejen 1, 2. sal 2100 København Ø"),
        ("attendee calls", "attendee", "By phone: you call +45 12 34 56 78"),
        ("attendee calls", "organizer", "By phone: Søs Ærø calls +45 12 34 56 78"),
        ("organizer calls", "attendee", "By phone: Anna, organizer calls you"),
        ("organizer calls", "organizer", "By phone: you call Søs Ærø"),
    ],
)
def test_a_place_is_told_and_a_number_only_where_it_is_the_one_to_call(
    place: str, recipient: Recipient, expected: str
) -> None:
    mail = sent(recipient=recipient, location=PLACES[place], join_url=None)

    assert f"Where: {expected}\n" in words(mail)
    assert expected == entry(mail)[1]["LOCATION"]
    assert (place == "attendee calls") == ("+45" in words(mail))


def test_a_calendar_entry_holds_no_address_of_the_other_party_but_the_one_to_write_to() -> None:
    mail = sent(recipient="organizer", location=PLACES["organizer calls"], join_url=None)
    text = content(parts(mail)["text/calendar"]).decode().replace("\r\n ", "")

    assert text.count(VISITOR.email) == 1
    assert text.count(ANNA.email) == 1
    assert "+45" not in text


@pytest.mark.parametrize(
    ("recipient", "by", "expected"),
    [
        ("attendee", "attendee", "You have moved your meeting with Anna, organizer."),
        ("attendee", "organizer", "Anna, organizer has moved your meeting."),
        ("organizer", "organizer", "You have moved your meeting with Søs Ærø."),
        ("organizer", "attendee", "Søs Ærø has moved your meeting."),
        ("attendee", "calendar", "Your meeting with Anna, organizer has been moved."),
        ("organizer", None, "Your meeting with Søs Ærø has been moved."),
    ],
)
def test_a_change_says_who_made_it_what_was_before_and_why(
    recipient: Recipient, by: Changer | None, expected: str
) -> None:
    mail = sent(
        kind="change", recipient=recipient, by=by, old_slot=EARLIER, change_reason="Train is late"
    )

    assert expected in words(mail)
    assert (
        "Before: Tuesday, 1 December 2026, 09:00\u201309:30 (Europe/Copenhagen, UTC+01:00)"
        in words(mail)
    )
    # Nobody gets back what they typed: who books may have typed a stranger's address.
    assert (by != recipient) == ("Reason: Train is late" in words(mail))
    assert (by != recipient) == ("Reason: Train is late" in str(entry(mail)[1]["DESCRIPTION"]))
    assert expected in str(entry(mail)[1]["DESCRIPTION"])
    assert "Before: Tuesday, 1 December 2026" in str(entry(mail)[1]["DESCRIPTION"])


@pytest.mark.parametrize("kind", ["change", "cancellation"])
@pytest.mark.parametrize("part", ["text/plain", "text/html", "text/calendar"])
def test_the_reason_that_a_party_typed_is_in_no_part_of_their_own_mail(
    kind: Kind, part: str
) -> None:
    reason = "buy-now " * 100
    told = {
        recipient: b"buy-now" in content(parts(mail)[part])
        for recipient in RECIPIENTS
        for mail in [sent(kind=kind, recipient=recipient, by="attendee", change_reason=reason)]
    }

    assert {"attendee": False, "organizer": True} == told


def test_what_the_attendee_answered_is_told_to_the_organizer_in_mail_and_entry() -> None:
    mail = sent(recipient="organizer", answers=(Answer("phone", "+45 12"), Answer("Diet", True)))

    assert "Phone: +45 12\nDiet: yes\n" in words(mail)
    assert "Phone: +45 12\nDiet: yes\n" in str(entry(mail)[1]["DESCRIPTION"])


def test_mail_goes_and_replies_to_the_organizers_address_of_today_and_the_entry_keeps_its_own() -> (
    None
):
    today = "anna@today.example"
    to_attendee, to_organizer = (
        sent(recipient=recipient, organizer_email=today) for recipient in RECIPIENTS
    )

    assert to_attendee["Reply-To"].addresses[0].addr_spec == today
    assert f"With: {ANNA.name}, {today}" in words(to_attendee)
    assert ANNA.email not in words(to_attendee)
    assert f"mailto:{ANNA.email}" == entry(to_attendee)[1]["ORGANIZER"]
    assert to_organizer["To"].addresses[0].addr_spec == today
    own, _ = entry(to_organizer)[1].attendees
    assert f"mailto:{today}" == own


def test_a_cancelled_meeting_is_not_joined_any_more() -> None:
    mail = sent(kind="cancellation", by="organizer")

    assert "Anna, organizer has cancelled your meeting." in words(mail)
    for part in parts(mail).values():
        assert JOIN.encode() not in content(part)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "x"])
def test_what_is_no_web_address_is_not_linked_to(url: str) -> None:
    mail = sent(join_url=url, manage_url=url)

    for part in parts(mail).values():
        assert url.encode() not in content(part) or url == "x"
    assert "href=" not in parts(mail)["text/html"].get_content()


def test_the_text_is_told_in_the_recipients_zone_and_the_entry_too() -> None:
    mail = sent(time_zone="America/New_York", locale="en-US")

    assert "4:00\u20134:30 AM (America/New York, UTC-05:00)" in words(mail)
    assert entry(mail)[1]["DTSTART"].params["TZID"] == "America/New_York"
    assert [zone["TZID"] for zone in entry(mail)[0].walk("VTIMEZONE")] == ["America/New_York"]


@pytest.mark.parametrize(
    "address",
    ["", "no", "@x.example", "a b@x.example", "a@x.example\nBcc: e@evil.example", "<a@x.example>",
     "=?utf-8?q?A=0D=0A?=@x.example", "søs@visitor.example", "a@" + "x" * 300, "a@-x.example"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UnsendableAddress):
        sent(attendee=Contact("X", address))


def test_a_domain_in_any_script_is_written_in_ascii() -> None:
    assert "x@xn--rdgrd-vuad.example" in sent(attendee=Contact("X", "x@rødgrød.example"))["To"]


def test_a_room_behind_letters_that_look_alike_is_named_as_it_is_looked_up() -> None:
    address = "https://z\u043e\u043em.example/1"
    mail = sent(join_url=address)

    assert f"Join: {address} (xn--zm-fmca.example)\n" in words(mail)
    assert "xn--zm-fmca.example" in parts(mail)["text/html"].get_content()


@pytest.mark.parametrize("kind", ["verification", "lapse"])
def test_nothing_that_somebody_typed_goes_to_an_address_that_is_not_proven(kind: Kind) -> None:
    typed = Contact("Win at evil.example", "stranger@visitor.example")
    mail = sent(kind=kind, attendee=typed, has_calendar=False)

    assert "stranger@visitor.example" == mail["To"]
    assert "Win at" not in mail.as_string()
    assert words(mail).startswith("Hello,\n")

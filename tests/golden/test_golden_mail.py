"""Every letter, complete, as it goes onto the wire; `BOOKWITH_WRITE_GOLDEN=1` writes them anew.

A difference is either a mistake or wanted: then write the files anew and read the difference.
"""

import os
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from services.calendar_entry.details import Answer
from services.notifier import rendering
from services.notifier.domain.letters import Slot
from tests.letters import DTSTAMP, EARLIER, HOSTILE, PLACES, SENDER, content, letter, meeting

HERE = Path(__file__).parent / "mail"
DEADLINE = datetime(2026, 12, 2, 17, tzinfo=UTC)
LATER = Slot(EARLIER.start + timedelta(days=7), EARLIER.end + timedelta(days=7))
VERIFY = "https://bookwith.example/v/bwv_AQGZofAAAHAAgAAAAAAAwN4AAA"
REQUEST: dict[str, Any] = {"has_calendar": False, "occasion": 2}
TO_ATTENDEE: dict[str, dict[str, Any]] = {
    "verification": {
        "by": "attendee",
        "deadline": DEADLINE,
        "manage_url": None,
        "verify_url": VERIFY,
    },
    "lapse": {},
    "ask": {"by": "organizer", "change_reason": "The dentist"},
}
LETTERS: dict[str, dict[str, Any]] = (
    {
        f"{kind}-{recipient}-{locale}": {"kind": kind, "recipient": recipient, "locale": locale}
        | extra
        for (kind, extra), recipient, locale in product(
            {
                "confirmation": {},
                "change": {
                    "by": "attendee",
                    "ics_sequence": 1,
                    "old_slot": EARLIER,
                    "change_reason": "The train does not go that early",
                },
                "cancellation": {"by": "organizer", "ics_sequence": 2},
                "details": {"by": "attendee", "ics_sequence": 1, "occasion": 4},
                "request": {**REQUEST, "by": "attendee", "deadline": DEADLINE},
                "request_change": {
                    **REQUEST,
                    "by": "attendee",
                    "deadline": DEADLINE,
                    "old_slot": EARLIER,
                },
                "decline": {
                    **REQUEST,
                    "by": "organizer",
                    "outcome": "declined",
                    "change_reason": "I am at sea that week",
                },
                "move_request": {
                    **REQUEST,
                    "by": "attendee",
                    "deadline": DEADLINE,
                    "wanted_slot": LATER,
                    "change_reason": "The train does not go that early",
                },
                "move_decline": {
                    **REQUEST,
                    "by": "organizer",
                    "outcome": "declined",
                    "wanted_slot": LATER,
                },
            }.items(),
            ("attendee", "organizer"),
            ("en", "da"),
        )
    }
    | {
        f"{kind}-attendee-{locale}": {**REQUEST, "kind": kind, "locale": locale} | extra
        for (kind, extra), locale in product(
            TO_ATTENDEE.items(),
            ("en", "da"),
        )
    }
    | {
        f"decline-{outcome}-{recipient}": {
            **REQUEST,
            "kind": "decline",
            "recipient": recipient,
            "by": by,
            "outcome": outcome,
        }
        for (outcome, by), recipient in product(
            {"withdrawn": "attendee", "timeout": None, "policy_disabled": "administrator"}.items(),
            ("attendee", "organizer"),
        )
    }
    | {
        "confirmation-by-organizer": {"by": "organizer"},
        "confirmation-colour": {"colour": "#0b8043"},
        "confirmation-in-person": {"location": PLACES["in person"], "join_url": None},
        "confirmation-phone-en-US": {
            "location": PLACES["attendee calls"],
            "join_url": None,
            "locale": "en-US",
            "time_zone": "America/New_York",
        },
        "confirmation-organizer-answers": {
            "recipient": "organizer",
            "location": PLACES["organizer calls"],
            "join_url": None,
            "answers": (
                Answer("topic", "The bridge at http://bridge.example", "What is it about?"),
                Answer("news", False, "May we write again?"),
                Answer("phone", "+45 87 65 43 21"),
                Answer("Allergies", True),
            ),
        },
        "confirmation-in-person-and-online": {"location": PLACES["in person"]},
        "change-hostile": {
            "kind": "change",
            "recipient": "organizer",
            "by": "attendee",
            "attendee": meeting().attendee.__class__(HOSTILE["encoded word"], "x@visitor.example"),
            "change_reason": HOSTILE["script"],
            "title": HOSTILE["sql"],
        },
    }
)


def rendered(changes: dict[str, Any]) -> dict[str, bytes]:
    mail = rendering.render(letter(**changes), sender=SENDER, dtstamp=DTSTAMP)
    *_, attachment = message_from_bytes(mail).walk()
    if attachment.get_content_type() != "application/ics":
        return {"eml": mail}
    return {"eml": mail, "ics": content(attachment)}


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_what_it_was(name: str) -> None:
    for ending, written in rendered(LETTERS[name]).items():
        file = HERE / f"{name}.{ending}"
        if os.environ.get("BOOKWITH_WRITE_GOLDEN"):
            file.write_bytes(written)

        assert file.read_bytes() == written, f"{file.name} differs; see this module's first lines"


def test_no_golden_mail_is_left_over() -> None:
    assert set(LETTERS) == {file.stem for file in HERE.iterdir()}

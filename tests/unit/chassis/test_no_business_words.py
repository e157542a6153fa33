"""The chassis knows no business: none of its words stands there, in code, comment or docstring."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHASSIS = sorted((ROOT / "services" / "chassis").rglob("*.py"))
# "hold" is an everyday verb here, and the stored actor of who is not signed in is "visitor".
WORDS = re.compile(
    r"book(?!with)(?:ing|ed|able|s)?(?![a-z])|organizer|attendee|meeting|slot"
    r"|calendar|availability|notifier|polic(?:y|ies)(?![a-z])",
    re.IGNORECASE,
)
# Python's own slots are no times; how FastStream acknowledges, and headers, are no access policy.
OTHERS = re.compile(r"__slots__|\bslots=True\b|\bAckPolicy\b|\back_policy\b|[a-z]-Policy\b")


def words_in(text: str) -> list[str]:
    return [found.group().lower() for found in WORDS.finditer(OTHERS.sub("", text))]


def test_the_chassis_has_no_business_word() -> None:
    assert CHASSIS

    found = [
        f"{path.relative_to(ROOT)}:{number} {', '.join(words)}"
        for path in CHASSIS
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (words := words_in(line))
    ]

    assert [] == found


@pytest.mark.parametrize(
    "line",
    [
        "# the booking's own events",
        "def booking_of(token: str) -> UUID:",
        "BOOKED = 'bookings'",
        "class SlotTaken(Exception):",
        "free_slots: list[str]",
        "from services.notifier import mail",
        '"""What availability answers."""',
        "the access policy, and other policies",
        "ATTENDEE = meeting_type.Organizer",
        "calendar_file(...)",
    ],
)
def test_the_words_are_found_wherever_they_hide(line: str) -> None:
    assert words_in(line)


@pytest.mark.parametrize(
    "line",
    [
        "@dataclass(frozen=True, slots=True)",
        "__slots__ = ()",
        'Counter("bookwith_relayed_messages_total", "...")',
        'prefix="BOOKWITH_"',
        "raise unavailable('not available')",
        "the holder of the lease",
    ],
)
def test_what_only_looks_like_one_is_left_alone(line: str) -> None:
    assert not words_in(line)

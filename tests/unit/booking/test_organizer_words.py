"""The words of the organizers' pages: each event, state, status and rule has a phrase."""

import re
from pathlib import Path
from typing import get_args

import pytest

from services.availability.domain.reasons import Rule
from services.booking.domain import booking
from services.booking.domain.offer import OfferState, TimeState
from services.booking.web import organizer
from services.booking.web.organizer.history_words import _SAID
from services.booking.web.wording import languages

LANGUAGES = sorted(languages())
PHRASES = {code: languages()[code].phrases for code in LANGUAGES}


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_state_status_and_rule_has_a_phrase(code: str) -> None:
    needed = {
        *(f"bookings.status.{each}" for each in get_args(booking.Status)),
        *(f"refused.now.{each}" for each in get_args(booking.Status)),
        *(f"state.{each.__name__.lower()}" for each in get_args(booking.State)),
        *(f"offers.state.{each}" for each in get_args(OfferState)),
        *(f"offers.time.{each}" for each in get_args(TimeState)),
        *(f"why.rule.{each}" for each in get_args(Rule)),
        *(f"why.{each}.yes" for each in get_args(Rule)),
        *(f"happened.declined.{each}" for each in get_args(booking.DeclineReason)),
        *(f"happened.move_declined.{each}" for each in get_args(booking.DeclineReason)),
        *(f"happened.lapsed.{each}" for each in get_args(booking.LapseReason)),
        *(f"happened.released_time.{each}" for each in get_args(booking.ReleaseReason)),
        *(f"happened.released_new.{each}" for each in get_args(booking.ReleaseReason)),
        *(f"happened.detail.{each}" for each in get_args(booking.Detail)),
    }

    assert set() == needed - set(PHRASES[code])


def test_each_kind_of_event_is_told() -> None:
    assert set(get_args(booking.Event)) == set(_SAID)


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_phrase_that_the_modules_name_exists(code: str) -> None:
    named = set[str]()
    for path in Path(str(organizer.__file__)).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'"((?:refused|happened|why|offer_times|offers)\.[a-z_.]+)"', text))

    assert set() == {each for each in named if each not in PHRASES[code]}

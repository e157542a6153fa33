"""Patterns of application ids."""

import fnmatch
import re
import time

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.policy.domain.patterns import LONGEST, ListChange, match, matches, pattern_fault


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("Bookings", "bookings", True),
        ("Bookings", "Bookings2", False),
        ("Book*", "BOOKINGS", True),
        ("*ings", "Bookings", True),
        ("B*k*s", "Bookings", True),
        ("B*x*s", "Bookings", False),
        ("ab*ba", "aba", False),
        ("a*a", "a", False),
        ("*okin*", "Bookings", True),
        ("Straße*", "STRASSE 1", True),
    ],
)
def test_a_star_is_any_text_and_case_does_not_count(
    pattern: str, name: str, expected: bool
) -> None:
    assert expected == matches(pattern, name)


@for_all(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_patterns_match_as_the_shells_do(pattern: str, name: str) -> None:
    assert fnmatch.fnmatchcase(name, pattern) == matches(pattern, name)
    assert (re.fullmatch(pattern.replace("*", ".*"), name) is not None) == matches(pattern, name)


def test_a_pattern_of_many_stars_is_matched_at_once() -> None:
    began = time.process_time()

    assert not matches("a*" * 120 + "b", "a" * LONGEST)
    assert time.process_time() - began < 0.1


def test_the_first_entry_that_matches_is_named() -> None:
    assert "B*" == match(["A", "B*", "Bookings"], "bookings")
    assert match(["A"], "bookings") is None


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("MicrosoftOWSPersonalBookings", None),
        ("Microsoft*", None),
        ("a" * LONGEST, None),
        ("", "empty"),
        ("  ", "empty"),
        (" a", "blank"),
        ("*", "alone"),
        ("***", "alone"),
        ("a\tb", "control"),
        ("a" * (LONGEST + 1), "at most 256"),
    ],
)
def test_an_entry_names_an_application(pattern: str, said: str | None) -> None:
    fault = pattern_fault(pattern)

    assert said in fault if said and fault else said == fault


def test_a_list_is_replaced_and_then_changed() -> None:
    change = ListChange(("One", "one", "Two"), add=("Three",), remove=("TWO",))

    assert ("One", "Three") == change.applied_to(("Old",))
    assert ("Old",) == ListChange().applied_to(("Old",))

"""Which source of a user's description is believed, and what one leaves of another."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.policy.directory.entries import SOURCES, Description, Source, described

ANNA = Description(
    id=UUID("a44a0000-0000-5000-8000-000000000001"),
    source="csv",
    user_name="anna",
    display_name="Anna Holm",
    mail="anna@bridges.example",
)


@pytest.mark.parametrize("before", SOURCES)
@pytest.mark.parametrize("after", SOURCES)
def test_a_source_changes_nothing_that_one_behind_it_has_said(
    before: Source, after: Source
) -> None:
    known = replace(ANNA, source=before)
    said = replace(ANNA, source=after, display_name="Anna Lund")
    wins = SOURCES.index(said.source) >= SOURCES.index(known.source)

    assert (said if wins else None) == described(known, said)


def test_what_is_left_out_stays_except_where_scim_leaves_it_out() -> None:
    short = Description(id=ANNA.id, source="graph", display_name="Anna Lund")

    assert replace(ANNA, source="graph", display_name="Anna Lund") == described(ANNA, short)
    assert replace(short, source="scim") == described(ANNA, replace(short, source="scim"))


def test_the_first_description_is_kept_and_the_same_one_again_changes_nothing() -> None:
    assert ANNA == described(None, ANNA)
    assert None is described(ANNA, ANNA)

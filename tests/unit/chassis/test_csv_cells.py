"""CSV files: no cell is taken for a formula, and whatever is in it is read back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.text.csv_cells import csv_rows, neutralized

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize("beginning", [*BEGINNINGS, "  ="])
def test_a_text_that_begins_like_a_formula_is_shown_as_it_is(beginning: str) -> None:
    assert f"'{beginning}1+1" == neutralized(f"{beginning}1+1")


@pytest.mark.parametrize("cell", ["1 = 1", "", "Ada", -3, None])
def test_what_is_no_formula_stays(cell: object) -> None:
    assert cell == neutralized(cell)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_every_row_is_read_back_and_no_cell_of_it_begins_a_formula(cells: list[str]) -> None:
    rows = list(csv.reader(io.StringIO(csv_rows([["first", *cells]]), newline="")))

    assert [["first", *map(str, map(neutralized, cells))]] == rows
    assert not any(cell.startswith(BEGINNINGS) for cell in rows[0])

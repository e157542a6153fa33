"""The names of colours in calendar entries."""

import pytest

from services.calendar_entry.colours import COLOURS, colour_name


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#1a73e8", "royalblue"),
        ("#FF0000", "red"),
        ("#fe0101", "red"),
        ("#0b8043", "seagreen"),
        ("#000000", "black"),
        ("#ffffff", "white"),
        ("#7f7f7f", "gray"),
    ],
)
def test_a_colour_has_the_name_of_the_nearest_one(colour: str, name: str) -> None:
    assert name == colour_name(colour)


def test_each_named_colour_is_nearest_to_itself() -> None:
    assert [*COLOURS] == [colour_name(f"#{digits}") for digits in COLOURS.values()]

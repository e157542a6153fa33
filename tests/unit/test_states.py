"""docs/states.md draws what the deciders do."""

import pytest

from tests.decision_table import DecisionTable
from tests.state_diagrams import DRAWN, FILE, diagram, name_in_diagram, text


def test_the_diagrams_are_those_of_the_tables() -> None:
    assert FILE.read_text() == text(), "run `make generate`"


@pytest.mark.parametrize("decisions", DRAWN.values(), ids=DRAWN)
def test_an_arrow_leads_to_each_state(decisions: DecisionTable) -> None:
    arrows = [line.split() for line in diagram(decisions).splitlines() if " --> " in line]

    assert {name_in_diagram(state) for state in decisions.states} == {
        target.rstrip(":") for _, _, target, *_ in arrows
    }

"""docs/mutation.md is made from what mutmut prints."""

from tests.mutation import document, read

PRINTED = """
    services.policy.domain.user.x_decide__mutmut_1: killed
    services.policy.domain.user.x_decide__mutmut_2: survived
    services.policy.domain.refusals.xǁReasonMissingǁ__init____mutmut_2: timeout
    services.policy.domain.user.x_evolve__mutmut_1: no tests
"""


def test_a_module_that_was_not_measured_is_told_apart() -> None:
    lines = document({"a.x_f__mutmut_1": "killed", "b.x_g__mutmut_1": "not checked"}).splitlines()

    assert "| all | 1 | 1 | 0 | 100.0 |" in lines
    assert "Not measured: `b`." in lines


def test_figures_are_told_for_each_module_and_survivors_by_name() -> None:
    lines = document(read(PRINTED.splitlines())).splitlines()

    assert "| `services.policy.domain.refusals` | 1 | 1 | 0 | 100.0 |" in lines
    assert "| `services.policy.domain.user` | 3 | 1 | 2 | 33.3 |" in lines
    assert "| all | 4 | 2 | 2 | 50.0 |" in lines
    assert "- `services.policy.domain.user.x_evolve__mutmut_1`" in lines

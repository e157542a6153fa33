"""Promises, guarantees and tests hang together; `make guarantees` runs the tests."""

from tests.guarantees import Promise, Row, complaints, promises, result, rows


def test_each_promise_has_its_guarantee_and_each_guarantee_its_tests() -> None:
    assert list(complaints(rows(), promises())) == []
    assert len(rows()) > 15
    assert len(promises()) > 5


def test_what_hangs_in_the_air_is_named() -> None:
    held = [Row("I1", "a", ()), Row("I2", "b", ("test_that_nobody_wrote", "tests/unit"))]
    promised = [Promise("All is well.", ()), Promise("No loss.", ("I2", "I9"))]

    assert list(complaints(held, promised)) == [
        "I1 names no test",
        "I2 names test_that_nobody_wrote, which is not there",
        "the README promises without a guarantee: All is well.",
        "the README names I9, which is no row: No loss.",
    ]


def test_a_row_is_proven_when_all_it_names_has_run_and_passed() -> None:
    row = Row("I1", "a", ("tests/unit", "tests/faults"))
    unit = {"tests/unit/test_x.py::test_a[1]": True, "tests/unit/test_x.py::test_b": True}

    assert result(row, unit) == "NOT RUN: tests/faults"
    assert result(row, unit | {"tests/faults/test_y.py::test_c": True}) == "proven by 3"
    assert result(row, unit | {"tests/faults/test_y.py::test_c": False}) == "FAILED: 1 of 3"

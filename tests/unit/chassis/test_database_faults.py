"""Which of PostgreSQL's errors pass, by SQLSTATE."""

import pytest
from psycopg import DataError, OperationalError, errors
from psycopg_pool import PoolTimeout

from services.chassis.postgres.faults import is_passing


@pytest.mark.parametrize(
    "code",
    [
        *("08000", "08001", "08003", "08004", "08006", "08P01"),
        *("25006", "25P03", "25P04", "28000", "28P01"),
        *("40000", "40001", "40003", "40P01"),
        *("53000", "53100", "53200", "53300", "55P03"),
        *("57000", "57014", "57P01", "57P02", "57P03", "57P04", "57P05"),
        *("58000", "58030"),
    ],
)
def test_a_fault_of_the_server_or_of_another_transaction_passes(code: str) -> None:
    assert is_passing(errors.lookup(code)("toy"))


@pytest.mark.parametrize(
    "code",
    [
        *("22001", "23505", "25P02", "27000", "2F003", "38001", "39000", "3B001", "40002"),
        *("42P01", "53400", "54000", "54001", "54011", "55000", "55006", "55P04", "HV000", "XX000"),
    ],
)
def test_what_the_same_statement_meets_again_is_a_refusal(code: str) -> None:
    assert not is_passing(errors.lookup(code)("toy"))


def test_a_code_that_psycopg_has_no_class_for_is_judged_by_its_first_two_characters() -> None:
    class Unlisted(OperationalError):
        sqlstate = "57999"

    class Own(OperationalError):
        sqlstate = "BW001"

    assert is_passing(Unlisted())
    assert not is_passing(Own())


def test_without_a_code_it_is_the_connection_or_a_refusal_by_psycopg_itself() -> None:
    assert is_passing(OperationalError("the connection is lost"))
    assert is_passing(PoolTimeout())
    assert not is_passing(DataError("cannot dump"))
    assert not is_passing(errors.PipelineAborted("an earlier statement was refused"))

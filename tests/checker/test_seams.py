"""Every function that is broken on purpose is still where the table says."""

import pytest

from tests.checker.seams import BROKEN, Seam, break_at, found

SEAMS = [seam for services in BROKEN.values() for seams in services.values() for seam in seams]


@pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: seam.place)
def test_the_function_that_is_to_be_broken_is_there(seam: Seam) -> None:
    _, _, function = found(seam)

    assert callable(function)
    assert callable(seam.broken(function))


def test_a_seam_that_is_gone_is_not_passed_over() -> None:
    with pytest.raises(AttributeError, match="no_such_function"):
        break_at(Seam("services.chassis.ids:no_such_function", lambda sound: sound))

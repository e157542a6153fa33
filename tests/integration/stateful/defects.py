"""Defects that are planted in the service while a block runs: the stateful test must find each."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from services.booking.bookings import limits
from services.booking.bookings.commands import claiming, release, reserve
from services.booking.domain.booking import confirming
from services.chassis.events.store import Append
from services.chassis.postgres.database import Statement, sql

# Between counting and the lock: the other one counts meanwhile.
MOMENT = Statement(sql("SELECT pg_sleep(0.1)"), {})


@contextmanager
def limits_counted_ahead_of_the_lock() -> Iterator[None]:
    """Of two who want the last place of a day both may have it."""
    as_it_is = claiming.claiming_append

    def counted_first(*given: Any, **named: Any) -> Append:
        append = as_it_is(*given, **named)
        counting = [each for each in append.statements if each.prepared is limits._TIMES]
        others = [each for each in append.statements if each.prepared is not limits._TIMES]
        before = (*append.before, *counting, *([MOMENT] if counting else []))
        return replace(append, before=before, statements=tuple(others))

    with patch.object(reserve, "claiming_append", counted_first):
        yield


@contextmanager
def use_of_a_link_not_given_back() -> Iterator[None]:
    """A hold that was released keeps the use of its link."""
    with patch.object(release, "return_use", lambda *_: ()):
        yield


@contextmanager
def deadline_not_compared_with_the_clock() -> Iterator[None]:
    """A hold may be confirmed after its deadline, until its timer has fired."""
    with patch.object(confirming, "refuse_if_over", lambda *_: None):
        yield


# Each with a seed with which the machine comes upon it soon.
DEFECTS: dict[Callable[[], AbstractContextManager[None]], int] = {
    limits_counted_ahead_of_the_lock: 1,
    use_of_a_link_not_given_back: 1,
    deadline_not_compared_with_the_clock: 1,
}

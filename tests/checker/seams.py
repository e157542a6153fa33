"""Where the product is broken on purpose: named functions, each with what takes its place.

A seam is named as `module:function` or `module:Class.method`. When code moves, its line in
`BROKEN` moves with it: `test_seams.py` says which name is not there any more.
"""

import importlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.availability.domain.reasons import Reason
from services.chassis.ids import new_id
from services.chassis.postgres.database import Statement, sql
from services.chassis.runtime.crash_points import reach

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Seam:
    """One function, and what makes the broken one of it."""

    place: str
    broken: Callable[[Function], Function]


def _marked_before_it_is_sent(read_next: Function) -> Function:
    async def read_and_mark(relay: Any, known: Any) -> Any:
        batch = await read_next(relay, known)
        if batch.positions:
            await _mark_of(relay)(relay, batch.positions)
            reach("relay.marked_early")
        return batch

    return read_and_mark


def _mark_of(relay: Any) -> Function:
    mark: Function = type(relay)._mark.sound
    return mark


def _not_marked_again(mark: Function) -> Function:
    async def nothing(relay: Any, positions: Any) -> None: ...

    nothing.sound = mark  # type: ignore[attr-defined] # a function may carry what it replaces
    return nothing


def _notes_nothing(advance: Function) -> Function:
    def without_marks(marks: Any) -> Any:
        return advance(replace(marks, by_key={}))

    return without_marks


def _always_a_new_id(claim: Callable[..., Awaitable[Any]]) -> Function:
    async def forgetful(*arguments: Any) -> Any:
        claimed = await claim(*arguments)
        return new_id() if isinstance(claimed, UUID) else claimed

    return forgetful


def _claims_nothing(_: Function) -> Function:
    nothing = sql("SELECT 1")
    return lambda *arguments: Statement(nothing, {})


def _always_free(_: Function) -> Function:
    return lambda *arguments: Reason("free", True, "Nothing else is there.")


EARLY = "messages are marked as sent before they are"
FORGETFUL = "what was applied is not noted in the inbox"
NEW_ID = "a key that is sent again gets a new id for what it creates"
TAKEN_TWICE = "a taken time can be taken again"

# What is broken, and for that in which service which functions.
BROKEN: Mapping[str, Mapping[str, tuple[Seam, ...]]] = {
    EARLY: {
        "booking": (
            Seam("services.chassis.messaging.relay:Relay._mark", _not_marked_again),
            Seam("services.chassis.messaging.relay:Relay._next", _marked_before_it_is_sent),
        )
    },
    FORGETFUL: {
        "availability": (Seam("services.chassis.messaging.inbox:advance", _notes_nothing),)
    },
    NEW_ID: {
        "booking": (Seam("services.chassis.http.idempotency:Idempotency._claim", _always_a_new_id),)
    },
    TAKEN_TWICE: {
        "booking": (Seam("services.booking.bookings.claims:claim", _claims_nothing),),
        "availability": (Seam("services.availability.domain.reasons:_of_busy", _always_free),),
    },
}


def found(seam: Seam) -> tuple[Any, str, Function]:
    """Return what holds the function, its name there, and the function; raise if it is gone."""
    module, _, path = seam.place.partition(":")
    *holders, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for holder in holders:
        owner = getattr(owner, holder)
    return owner, name, getattr(owner, name)


def break_at(seam: Seam) -> None:
    """Put the broken function where the sound one is, also where it was imported by its name."""
    owner, name, sound = found(seam)
    broken = seam.broken(sound)
    setattr(owner, name, broken)
    for module in [each for each in sys.modules.values() if _is_ours(each)]:
        for own_name, value in list(vars(module).items()):
            if value is sound:
                setattr(module, own_name, broken)


def _is_ours(module: Any) -> bool:
    return getattr(module, "__name__", "").startswith("services.")

"""How large a budget is: so much in each of some windows, written as `60/minute;600/hour`."""

import math
from dataclasses import dataclass

from limits import RateLimitItem, parse_many


@dataclass(frozen=True, slots=True)
class Budget:
    """How much each may use in each of some windows; `refused` tells whose share is used up."""

    name: str
    items: tuple[RateLimitItem, ...]
    refused: str


def budget(name: str, said: str, factor: float, refused: str) -> Budget:
    """Return the budget, multiplied; one at least is left in each window."""
    return Budget(name, tuple(_times(item, factor) for item in sizes(said)), refused)


def sizes(said: str) -> tuple[RateLimitItem, ...]:
    """Return the windows of a budget; raise ValueError for what is none."""
    found = tuple(parse_many(said))
    if any(item.amount < 1 for item in found):
        raise ValueError("it lets nothing through")
    return found


def leaves_others(said: str, one: str, times: int) -> bool:
    """Tell whether a shared budget is so many times what a single one of its users may spend."""
    return all(item.amount >= times * _within(one, item.get_expiry()) for item in sizes(said))


def _within(said: str, seconds: int) -> int:
    """Return how much of the budget can be used in a window of so many seconds."""
    return min(item.amount * math.ceil(seconds / item.get_expiry()) for item in sizes(said))


def _times(item: RateLimitItem, factor: float) -> RateLimitItem:
    return type(item)(max(round(item.amount * factor), 1), item.multiples, item.namespace)

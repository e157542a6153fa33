"""Patterns of application ids: `*` stands for any text, and case does not count."""

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 256
MOST = 1000


@dataclass(frozen=True, slots=True)
class ListChange:
    """What becomes of a list: another one in its place, or entries added and removed."""

    replace: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def applied_to(self, entries: tuple[str, ...]) -> tuple[str, ...]:
        """Return the list after the change; what is there already, in any case, stays as it is."""
        removed = {entry.casefold() for entry in self.remove}
        kept = entries if self.replace is None else self.replace
        return without_repeats(
            entry for entry in (*kept, *self.add) if entry.casefold() not in removed
        )


def without_repeats(entries: Iterable[str]) -> tuple[str, ...]:
    """Return the entries, each once; case does not count."""
    first: dict[str, str] = {}
    for entry in entries:
        first.setdefault(entry.casefold(), entry)
    return tuple(first.values())


def matches(pattern: str, name: str) -> bool:
    """Tell whether the whole name is what the pattern says; takes time linear in both."""
    first, *rest = pattern.casefold().split("*")
    text = name.casefold()
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    *middle, last = rest
    place = len(first)
    for part in middle:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - len(last) >= place and text.endswith(last)


def match(patterns: Iterable[str], name: str) -> str | None:
    """Return the first pattern that the name matches, or None."""
    return next((pattern for pattern in patterns if matches(pattern, name)), None)


def pattern_fault(pattern: str) -> str | None:
    """Return what is wrong with an entry of a list, or None."""
    if not pattern.strip():
        return "must not be empty"
    if pattern != pattern.strip():
        return "must not begin or end with a blank"
    if len(pattern) > LONGEST:
        return f"must have at most {LONGEST} characters"
    if not pattern.isprintable():
        return "must not contain control characters"
    if not pattern.strip("*"):
        return (
            "must name an application: a pattern of `*` alone matches all of them; empty "
            "EwsApplicationAccessPolicy to allow all"
        )
    return None

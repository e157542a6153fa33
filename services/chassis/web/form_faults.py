"""What is wrong with a form: which control, and the phrase that says what it has to be."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A control by its id, and the key of the phrase that says what it has to be."""

    field: str
    words: str
    facts: Mapping[str, str] = with_default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FaultRule:
    """Where the faults at a pointer are shown: groups of the pattern fill in the field's name."""

    pointer: str
    field: str
    words: str


def placed(pointer: str, rules: Iterable[FaultRule], otherwise: FieldFault) -> FieldFault:
    """Return the fault that the first rule which fits makes of the pointer."""
    for rule in rules:
        if match := re.fullmatch(rule.pointer, pointer):
            return FieldFault(match.expand(rule.field), rule.words)
    return otherwise


def each_once(faults: Iterable[FieldFault]) -> list[FieldFault]:
    """Return the first fault of each control."""
    found: dict[str, FieldFault] = {}
    for fault in faults:
        found.setdefault(fault.field, fault)
    return list(found.values())


def by_field(faults: Sequence[FieldFault]) -> Mapping[str, str]:
    """Return the key of the phrase by the control that it is about."""
    return {each.field: each.words for each in faults}

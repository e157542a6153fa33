"""What is wrong with a form, field by field, from the same refusals that the API answers with."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from services.booking.domain.refusals import Invalid
from services.booking.store import UNIQUE_NAMES
from services.chassis.events.transactions import NameTaken
from services.chassis.http.faults import faults_of

# What the commands of a form raise when it cannot be taken as it was typed.
Refused = (ValidationError, Invalid, NameTaken)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A control by its id, and the key of the phrase that says what it has to be."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class FaultRule:
    """Where the faults at a pointer are shown: groups of the pattern fill in the field's name."""

    pointer: str
    field: str
    words: str


def faults_at(
    refused: ValidationError | Invalid | NameTaken, sent: object, rules: Sequence[FaultRule]
) -> list[FieldFault]:
    """Return each control with what is wrong with it, once; the first rule that fits decides.

    `sent` is the document that was made of the form.
    """
    taken = isinstance(refused, NameTaken)
    found: dict[str, FieldFault] = {}
    for pointer in _pointers(refused, sent):
        fault = _placed(pointer, rules, taken=taken)
        found.setdefault(fault.field, fault)
    return list(found.values())


def by_field(faults: Sequence[FieldFault]) -> Mapping[str, str]:
    """Return the key of the phrase by the control that it is about."""
    return {each.field: each.words for each in faults}


def _placed(pointer: str, rules: Sequence[FaultRule], *, taken: bool) -> FieldFault:
    for rule in rules:
        if match := re.fullmatch(rule.pointer, pointer):
            words = f"{rule.words}.taken" if taken else rule.words
            return FieldFault(match.expand(rule.field), words)
    return FieldFault("save", "organizer.fault.other")


def _pointers(refused: ValidationError | Invalid | NameTaken, sent: object) -> list[str]:
    match refused:
        case Invalid(faults=faults):
            return [each.pointer for each in faults]
        case NameTaken(constraint=constraint):
            return [f"/{UNIQUE_NAMES[constraint][0]}"]
        case ValidationError():
            errors = [{**each, "loc": ("body", *each["loc"])} for each in refused.errors()]
            return [each["pointer"].removeprefix("#") for each in faults_of(errors, sent)]

"""What is wrong with a form, field by field, from the same refusals that the API answers with."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError

from services.booking.domain.refusals import Invalid
from services.booking.store import UNIQUE_NAMES
from services.chassis.events.transactions import NameTaken
from services.chassis.http.faults import faults_of
from services.chassis.web.form_faults import FaultRule, FieldFault, each_once, placed

# What the commands of a form raise when it cannot be taken as it was typed.
Refused = (ValidationError, Invalid, NameTaken)
_OTHER = FieldFault("save", "organizer.fault.other")


def faults_at(
    refused: ValidationError | Invalid | NameTaken, sent: object, rules: Sequence[FaultRule]
) -> list[FieldFault]:
    """Return each control with what is wrong with it, once; the first rule that fits decides.

    `sent` is the document that was made of the form.
    """
    found = each_once(placed(each, rules, _OTHER) for each in _pointers(refused, sent))
    if isinstance(refused, NameTaken):
        return [replace(each, words=f"{each.words}.taken") for each in found]
    return found


def _pointers(refused: ValidationError | Invalid | NameTaken, sent: object) -> list[str]:
    match refused:
        case Invalid(faults=faults):
            return [each.pointer for each in faults]
        case NameTaken(constraint=constraint):
            return [f"/{UNIQUE_NAMES[constraint][0]}"]
        case ValidationError():
            errors = [{**each, "loc": ("body", *each["loc"])} for each in refused.errors()]
            return [each["pointer"].removeprefix("#") for each in faults_of(errors, sent)]

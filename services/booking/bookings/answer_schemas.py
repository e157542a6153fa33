"""The shapes of answers to requests, of questions to attendees, and of edits."""

from typing import Annotated

from pydantic import Field

from services.booking.bookings.schemas import Answers, Reason
from services.booking.domain.answers import Answer
from services.booking.domain.attendee import LONGEST_NAME
from services.booking.domain.edits import Edit
from services.booking.domain.location import number_faults
from services.booking.domain.question import PHONE
from services.booking.domain.text import line_faults
from services.booking.schemas import TRIMMED, Body, typed


class DetailsPatch(Body):
    """What is to be other than it is; an answer that is left out stays, an empty one goes."""

    name: Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_NAME)] = ""
    phone: Annotated[str, TRIMMED, typed(number_faults)] = Field(
        default="", description="Kept as the answer to `phone`."
    )
    answers: Answers = ()

    def edit(self) -> Edit:
        """Return what the body asks for."""
        said = [Answer(question_id=each.question_id, value=each.value) for each in self.answers]
        if "phone" in self.model_fields_set:
            said = [each for each in said if each.question_id != PHONE]
            said.append(Answer(question_id=PHONE, value=self.phone))
        name = self.name if "name" in self.model_fields_set else None
        return Edit(name=name, answers=tuple(said))


class DeclineBody(Body):
    """Why, for the attendee."""

    reason: Reason = ""


class AskBody(Body):
    """Why, for the attendee."""

    reason: Reason = ""

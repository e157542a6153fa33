"""What a visitor has typed, kept in their own browser: while they wait, or until they go on."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Request

from services.booking.domain.answers import LONGEST_ANSWER, MOST_ANSWERS
from services.booking.domain.text import line_faults, paragraph_faults
from services.chassis.text.typed import trimmed

DRAFT = "bw_draft"
LONGEST_NAME = 200
LONGEST_ADDRESS = 254
# In front of a question's id: the name of its field.
ANSWER = "answer."
# Browsers keep cookies of 4 kB.
LONGEST_COOKIE = 3500

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A name, an address, perhaps a number, a place and answers, as they were typed.

    `sent` is whether they were confirmed already, so that only the calendar's answer is missing.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    sent: bool = True
    place: str = ""
    answers: Pairs = ()

    @property
    def fits(self) -> bool:
        """Tell whether all of it can be kept in a cookie."""
        return len(_text(self)) <= LONGEST_COOKIE

    def written(self) -> str:
        """Return it as a cookie's value; without the answers where they are too long."""
        return _text(self if self.fits else replace(self, answers=()))

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was typed."""
        return not (self.name or self.email or self.phone or self.answers)

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """Return what was typed as the hidden fields of a form."""
        typed = (
            ("name", self.name),
            ("email", self.email),
            ("phone", self.phone),
            ("place", self.place),
            *((f"{ANSWER}{id_}", value) for id_, value in self.answers),
        )
        return [(name, value) for name, value in typed if value]

    def answer_to(self, question_id: str) -> str:
        """Return what was typed as the answer; empty without one."""
        return dict(self.answers).get(question_id, "")


def typed_in(fields: Mapping[str, str], *, sent: bool = True) -> Draft:
    """Return what the form carries, trimmed of what cannot be seen."""
    name, email, phone = (trimmed(fields.get(each, "")) for each in ("name", "email", "phone"))
    answers = tuple(
        (field.removeprefix(ANSWER), trimmed(value))
        for field, value in fields.items()
        if field.startswith(ANSWER)
    )
    place = fields.get("place", "")
    return Draft(name, email, phone, sent, place, answers[:MOST_ANSWERS])


def prefilled(query: Mapping[str, str]) -> Draft | None:
    """Return what an address fills in; None for nothing, or what no form would take."""
    draft = typed_in(query, sent=False)
    fits = len(draft.name) <= LONGEST_NAME and len(draft.email) <= LONGEST_ADDRESS and draft.fits
    is_harmless = _is_one_line(draft) and all(map(_is_answer, draft.answers))
    return draft if fits and is_harmless and not draft.is_empty else None


def _is_one_line(draft: Draft) -> bool:
    text = f"{draft.name}{draft.email}{draft.phone}"
    return not any(line_faults("", text, len(text), needed=False))


def draft_of(request: Request) -> Draft | None:
    """Return what the browser kept; None for nothing, or nothing that we wrote."""
    text = request.cookies.get(DRAFT, "")
    try:
        said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    match said:
        case [str(name), str(email), str(phone), bool(sent), *more]:
            draft = Draft(name, email, phone, sent)
            return _with_more(draft, more) if _is_one_line(draft) else None
        case _:
            return None


def _with_more(draft: Draft, more: Sequence[object]) -> Draft | None:
    match more:
        case []:
            return draft
        case [str(place), list(answers)] if all(map(_is_answer, answers)):
            return replace(draft, place=place, answers=tuple((id_, text) for id_, text in answers))
        case _:
            return None


def _is_answer(pair: object) -> bool:
    match pair:
        case [str(question_id), str(value)]:
            return not any(paragraph_faults("", f"{question_id}{value}", LONGEST_ANSWER))
        case _:
            return False


def _text(draft: Draft) -> str:
    said: list[object] = [draft.name, draft.email, draft.phone, draft.sent]
    if draft.place or draft.answers:
        said += [draft.place, draft.answers]
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

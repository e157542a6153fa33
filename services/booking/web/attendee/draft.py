"""What a visitor has typed, kept in their own browser: while they wait, or until they go on."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request

from services.booking.domain.answers import Answer
from services.booking.domain.question import PHONE
from services.booking.domain.text import line_faults
from services.chassis.text.typed import trimmed

DRAFT = "bw_draft"
LONGEST_NAME = 200
LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Draft:
    """A name, an address and perhaps a number, as they were typed.

    `sent` is whether they were confirmed already, so that only the calendar's answer is missing.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    sent: bool = True

    def written(self) -> str:
        """Return it as a cookie's value."""
        text = json.dumps([self.name, self.email, self.phone, self.sent])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was typed."""
        return not (self.name or self.email or self.phone)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Return what was answered: the number, where one was asked for."""
        return (Answer(question_id=PHONE, value=self.phone),) if self.phone else ()

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """Return what was typed as the hidden fields of a form."""
        typed = (("name", self.name), ("email", self.email), ("phone", self.phone))
        return [(name, value) for name, value in typed if value]


def typed_in(fields: Mapping[str, str], *, sent: bool = True) -> Draft:
    """Return what the form carries, trimmed of what cannot be seen."""
    name, email, phone = (trimmed(fields.get(each, "")) for each in ("name", "email", "phone"))
    return Draft(name, email, phone, sent)


def prefilled(query: Mapping[str, str]) -> Draft | None:
    """Return what an address fills in; None for nothing, or what no form would take."""
    draft = typed_in(query, sent=False)
    fits = len(draft.name) <= LONGEST_NAME and len(draft.email) <= LONGEST_ADDRESS
    return draft if fits and not draft.is_empty and _is_one_line(draft) else None


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
        case [str(name), str(email), str(phone), bool(sent)]:
            draft = Draft(name, email, phone, sent)
            return draft if _is_one_line(draft) else None
        case _:
            return None

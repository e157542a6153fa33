"""What a visitor has typed, kept in their own browser while the calendar is checked."""

import base64
import json
from dataclasses import dataclass

from fastapi import Request

from services.booking.domain.text import line_faults

DRAFT = "bw_draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """A name and an address, as they were typed."""

    name: str = ""
    email: str = ""

    def written(self) -> str:
        """Return it as a cookie's value."""
        text = json.dumps([self.name, self.email])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def draft_of(request: Request) -> Draft | None:
    """Return what the browser kept; None for nothing, or nothing that we wrote."""
    text = request.cookies.get(DRAFT, "")
    try:
        said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    match said:
        case [str(name), str(email)] if not any(
            line_faults("", f"{name}{email}", len(text), needed=False)
        ):
            return Draft(name, email)
        case _:
            return None

"""Drafts: what was typed into a form whose session had ended, kept in the browser for half an hour.

Sealed, for the person who typed it and for one form. It is shown again behind the new sign-in, and
never sent by itself. A form that is only to be shown in another language is kept for one look.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from starlette.requests import Request

from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.form_keys import FIELD
from services.chassis.identity.sealing import Seal
from services.chassis.sign_in.cookies import CookieNames, drop_cookie, set_cookie

KEPT_SECONDS = 1800
# Browsers keep cookies of 4 kB; all of them have to fit into the head of a request.
LETTERS = 3500
MOST_COOKIES = 4


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed; `action` is where the form is sent, `form_at` the page that shows it.

    One that is kept `once` is forgotten as soon as it was shown.
    """

    person: UUID
    action: str
    form_at: str
    fields: Mapping[str, str]
    once: bool = False


class Drafts:
    """Keeps one draft in each browser."""

    def __init__(self, keys: KeyRing, names: CookieNames) -> None:
        self._seal = Seal(keys, "draft")
        self._name = names.draft

    def keep(self, request: Request, draft: Draft) -> bool:
        """Keep the draft, and tell whether it could be kept: a long one cannot."""
        typed = {name: text for name, text in draft.fields.items() if name != FIELD}
        now = int(datetime.now(UTC).timestamp())
        said = json.dumps([str(draft.person), draft.action, draft.form_at, now, typed, draft.once])
        text = self._seal.seal(zlib.compress(said.encode(), 9))
        parts = [text[at : at + LETTERS] for at in range(0, len(text), LETTERS)]
        if len(parts) > MOST_COOKIES:
            return False
        for number in range(MOST_COOKIES):
            value = parts[number] if number < len(parts) else ""
            seconds = KEPT_SECONDS if value else 0
            set_cookie(request, f"{self._name}-{number}", value, seconds, _folder(draft.form_at))
        return True

    def read(self, request: Request) -> Draft | None:
        """Return the draft that the browser keeps."""
        parts = [request.cookies.get(f"{self._name}-{n}", "") for n in range(MOST_COOKIES)]
        content = self._seal.unseal("".join(parts)) if parts[0] else None
        match json.loads(zlib.decompress(content)) if content else None:
            case [str(person), str(action), str(form_at), int(kept), dict(typed), bool(once)]:
                ends = datetime.fromtimestamp(kept, UTC) + timedelta(seconds=KEPT_SECONDS)
                if ends < datetime.now(UTC):
                    return None
                fields = {str(name): str(text) for name, text in typed.items()}
                return Draft(UUID(person), action, form_at, fields, once)
            case _:
                return None

    def drop(self, request: Request, draft: Draft) -> None:
        """Forget the draft."""
        for number in range(MOST_COOKIES):
            drop_cookie(request, f"{self._name}-{number}", _folder(draft.form_at))


def _folder(path: str) -> str:
    """Return the first part of the path: other pages do not get the cookies."""
    return "/" + path.split("?", maxsplit=1)[0].split("/")[1]

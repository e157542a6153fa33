"""What is known of a user beside their settings, and which source is believed."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

Source = Literal["sign_in", "csv", "graph", "scim"]
# A source changes nothing that one behind it has said.
SOURCES: tuple[Source, ...] = ("sign_in", "csv", "graph", "scim")
# This one describes all of a user: what it leaves out is not known any more.
_WHOLE = frozenset({"scim"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a source says of a user; `None` is left out."""

    id: UUID
    source: Source
    user_name: str | None = None
    display_name: str | None = None
    mail: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Description):
    """A user in the directory; `version` grows with each change of the description."""

    since: datetime
    changed_at: datetime
    version: int


def described(entry: Description | None, said: Description) -> Description | None:
    """Return the description once the source has spoken, None where that changes nothing."""
    if entry is None:
        return said
    before = Description(**{each.name: getattr(entry, each.name) for each in fields(Description)})
    if SOURCES.index(said.source) < SOURCES.index(before.source):
        return None
    after = said
    if said.source not in _WHOLE:
        kept = {
            each.name: getattr(before, each.name)
            for each in fields(Description)
            if getattr(said, each.name) is None
        }
        after = replace(said, **kept)
    return None if after == before else after


def key_of(text: str) -> str:
    """Return what a text is compared by: case does not count."""
    return text.casefold()

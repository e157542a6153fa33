"""Lists in pages: a cursor in, one page and the next cursor out; the id of what a request makes."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from contracts.problem_types import INVALID
from services.chassis.http.problems import Problem
from services.chassis.ids import FIRST, parse_id


def minted_id(request: Request) -> UUID:
    """Return the id for what this request creates: the same each time its key is sent again."""
    found: Any = request.state.minted_id
    assert isinstance(found, UUID)
    return found


def cursor_of(text: str | None) -> UUID:
    """Return the id after which a list goes on."""
    if text is None:
        return FIRST
    found = parse_id(text)
    if found is None:
        fault = {"pointer": "#/query/cursor", "detail": "Must be a next_cursor of this list."}
        raise Problem(INVALID, "The cursor is not one of this list.", errors=[fault])
    return found


def listed(items: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Return one page of a list that was read one item further than the limit."""
    more = len(items) > limit
    shown = items[:limit]
    return {"items": shown, "next_cursor": shown[-1]["id"] if more else None}


class Identified(BaseModel):
    """Something that lists show, one item an id."""

    id: UUID


Item = TypeVar("Item", bound=Identified)


class ListPage(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` asks for the next one, null ends the list."""

    items: list[Item]
    next_cursor: UUID | None


def list_page(items: Sequence[Item], limit: int) -> ListPage[Item]:
    """Return one page of a list that was read one item further than the limit."""
    shown = list(items[:limit])
    return ListPage(items=shown, next_cursor=shown[-1].id if len(items) > limit else None)

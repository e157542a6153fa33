"""What sign-in tells people, for each service to show in its own look."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class WayOn:
    """A link; `words` is the key of its phrase."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A form of one button that signs out; `key` is its form key."""

    action: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The phrases are `sign_in.<kind>.title` and `.text`, in the shared words of all services."""

    kind: str
    status: int = 200
    name: str = ""
    ways: Sequence[WayOn] = ()
    confirmation: Confirmation | None = None
    typed: Sequence[str] = ()
    """What was typed and could not be kept, to be copied."""
    leads_to: str | None = None
    """Where the browser goes on by itself."""
    headers: dict[str, str] = field(default_factory=dict)

    def can_be_had_again(self, request: Request) -> bool:
        """Tell whether its address shows it once more, in another language for example."""
        return request.method in ("GET", "HEAD") or (request.url.path == "/sign-out")


class ShowNotice(Protocol):
    """Shows a notice as a page of the service."""

    def __call__(self, request: Request, notice: Notice) -> Response:
        """Return the page."""

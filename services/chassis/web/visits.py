"""A visit: what an address asks for, and who reads the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.readers import Reader
from services.chassis.web.zone_names import todays_name
from services.chassis.web.zones import is_zone


@dataclass(frozen=True, slots=True)
class Visit:
    """What an address asks for and who reads the answer; its state is all in the address."""

    path: str
    query: Mapping[str, str]
    reader: Reader

    @property
    def time_zone(self) -> str | None:
        """Return the zone that the address names, by today's name, if there is such a zone."""
        named = self.query.get("tz")
        return todays_name(named) if named and is_zone(named) else None

    def clock(self, zone: str, *, locked: bool = False) -> Clock:
        """Return the visitor's clock; without a zone of their own it shows the one given."""
        return clock_in(self.reader, zone if locked else self.time_zone or zone)

    def kept(self, path: str) -> Mapping[str, str | None]:
        """Return what an address on our site keeps of this one: language and zone."""
        return {"lang": self.reader.asked, "tz": self.time_zone}

    def link(self, path: str, **query: str | None) -> str:
        """Return an address on our site that keeps the visitor's language and zone."""
        return with_query(path, {**self.kept(path), **query})

    def in_language(self, path: str, code: str) -> str:
        """Return the address of the same page in another language."""
        return with_query(path, {**self.query, **self.kept(path), "lang": code})


def with_query(path: str, query: Mapping[str, str | None]) -> str:
    """Return the address with what is said added to its query."""
    said = urlencode({name: value for name, value in query.items() if value})
    return f"{path}{'&' if '?' in path else '?'}{said}" if said else path


def path_asked(request: Request) -> str:
    """Return the path of the request; two slashes in front would lead to another site."""
    return "/" + request.url.path.lstrip("/")


def languages_accepted(request: Request) -> str:
    """Return what the browser says about languages; the lines of a header count as one."""
    return ",".join(request.headers.getlist("accept-language"))

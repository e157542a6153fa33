"""Stored events: dataclasses of a domain to JSON text and back, old shapes converted on the way."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, get_args

from pydantic import TypeAdapter

# An upcaster takes an old type's JSON object and returns the next type's name and object.
Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


# How many events of each kind of stream are kept decoded, of about a kilobyte each.
REMEMBERED = 1024


class UnknownStoredEvent(LookupError):
    """The log holds a type that this code neither knows nor can convert."""


class Codec:
    """The events of one kind of stream, by type name."""

    def __init__(self, *unions: Any, upcasters: Mapping[str, Upcaster] | None = None) -> None:
        members = [member for union in unions for member in (get_args(union) or (union,))]
        self._adapters = {member.__name__: TypeAdapter(member) for member in members}
        self._upcasters = dict(upcasters or {})
        # Events are immutable, and those of some streams are read by nearly every command.
        self._decoded = lru_cache(maxsize=REMEMBERED)(self._decode)

    @property
    def types(self) -> frozenset[str]:
        """Return the names of the events."""
        return frozenset(self._adapters)

    def encode(self, event: object) -> tuple[str, str]:
        """Return the event's type name and JSON text."""
        name = type(event).__name__
        return name, self._adapters[name].dump_json(event).decode()

    def forget_decoded(self) -> None:
        """Decode every event anew from now on, as a process does that has just started."""
        self._decoded.cache_clear()

    def decode(self, name: str, data: str) -> Any:
        """Return the event that was stored; raise UnknownStoredEvent."""
        return self._decoded(name, data)

    def _decode(self, name: str, data: str) -> Any:
        if name in self._upcasters:
            body = json.loads(data)
            while name in self._upcasters:
                name, body = self._upcasters[name](body)
            data = json.dumps(body)
        adapter = self._adapters.get(name)
        if adapter is None:
            raise UnknownStoredEvent(name)
        return adapter.validate_json(data)

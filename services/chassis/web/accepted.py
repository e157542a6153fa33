"""The headers in which a browser weighs what it takes, read by their grammar (RFC 9110, 12.4.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ENTRIES = 100
_WEIGHT = re.compile(r"[Qq]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is named, how much it is wanted: 0 to 1, where 0 refuses it; and what else it says."""

    name: str
    weight: float
    parameters: tuple[str, ...]


def accepted(header: str) -> Iterator[Accepted]:
    """Yield the entries of the header; those that break the grammar are left out."""
    for entry in header.split(",", _ENTRIES)[:_ENTRIES]:
        name, *parameters = (part.strip(" \t") for part in entry.split(";"))
        weight = 1.0
        if parameters and parameters[-1][:2] in ("q=", "Q="):
            found = _WEIGHT.fullmatch(parameters.pop())
            if found is None:
                continue
            weight = float(found[1])
        if name:
            yield Accepted(name, weight, tuple(parameters))


def accepts_html(header: str) -> bool:
    """Tell whether an Accept header names HTML and does not refuse it."""
    return any(each.name.lower() == "text/html" and each.weight > 0 for each in accepted(header))


def accepts_gzip(header: str) -> bool:
    """Tell whether an Accept-Encoding header names gzip and does not refuse it."""
    return any(each.name.lower() == "gzip" and each.weight > 0 for each in accepted(header))

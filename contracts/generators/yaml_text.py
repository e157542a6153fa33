"""Enough YAML to write a document of dicts, lists and scalars; no package needs to be there."""

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z$/][A-Za-z0-9_$./-]*( [A-Za-z0-9_$./-]+)*")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def to_yaml(value: Any) -> str:
    """Return the value as a block of YAML."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> list[str]:
    match value:
        case dict() if value:
            return [line for name, part in value.items() for line in _entry(_scalar(name), part)]
        case list() if value:
            return [line for part in value for line in _item(part)]
        case _:
            return [_scalar(value)]


def _entry(name: str, part: Any) -> list[str]:
    if isinstance(part, dict | list) and part:
        return [f"{name}:", *(f"  {line}" for line in _lines(part))]
    return [f"{name}: {_scalar(part)}"]


def _item(part: Any) -> list[str]:
    first, *rest = _lines(part)
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)  # JSON is YAML

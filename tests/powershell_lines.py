"""The PowerShell line that sets what a Get- has printed, read from the printed lines alone."""

import re

from services.operations.policy.powershell_tokens import SINGLE
from services.operations.policy.printing import format_list
from services.operations.policy.settings import Document, Resource


def set_line(resource: Resource, settings: Document, whom: str) -> str:
    """Print the settings, and return the line that sets what is printed."""
    names = {each.name for each in resource.settings}
    properties = [each for each in resource.properties if each.name in names]
    return line_of_printed(resource, format_list(settings, properties), whom)


def line_of_printed(resource: Resource, text: str, whom: str) -> str:
    """Return the line that sets what the printed lines say."""
    known = {each.name: each for each in resource.settings}
    given_words = []
    for line in text.strip("\n").split("\n"):
        name, _, printed = line.partition(":")
        value = _literal(printed.strip(), known[name.strip()].kind)
        given_words.append(f"-{name.strip()} {value}")
    return f"Set-{resource.noun} {whom} {' '.join(given_words)}"


def _literal(printed: str, kind: str) -> str:
    if not printed or printed == "{}":
        return "$null"
    if kind == "switch":
        return f"${printed.lower()}"
    if kind != "list":
        return _quoted(printed)
    entries = re.findall(rf"\s*('(?:[^{SINGLE}]|[{SINGLE}]{{2}})*'|[^,]+)", printed[1:-1])
    return ",".join(each if each.startswith("'") else _quoted(each) for each in entries)


def _quoted(text: str) -> str:
    return "'" + re.sub(f"([{SINGLE}])", r"\1\1", text) + "'"

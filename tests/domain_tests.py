"""Which tests are the domain's own: they need no library of the edges and no server.

`pytest --domain tests/unit` collects these only, so that no library of the edges is imported.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("services", "contracts", "deploy", "tests")
# pydantic writes and reads what a domain's dataclasses are stored as.
# mutmut is in the copies of the domain that `make mutation` breaks.
ALLOWED = sys.stdlib_module_names | {"pytest", "hypothesis", "pydantic", "mutmut"}


@cache
def is_domain_test(path: Path) -> bool:
    """Tell whether a domain is tested, and nothing but what is allowed is imported on the way."""
    if not any("domain" in name.split(".") for name in _imports(path)):
        return False
    return all(_top(name) in ALLOWED or _file(name) for name in _reached(path.resolve(), set()))


def _reached(path: Path, known: set[str]) -> Iterator[str]:
    """Yield what the module imports, and what our own modules among that import."""
    for name in _imports(path):
        if name in known:
            continue
        known.add(name)
        yield name
        if file := _file(name):
            yield from _reached(file, known)


@cache
def _imports(path: Path) -> tuple[str, ...]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
            # What is imported may itself be a module: `from services.booking.domain import page`.
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name for name in inside if _file(name)]
    return tuple(found)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _file(name: str) -> Path | None:
    """Return the file of one of our modules."""
    if _top(name) not in OURS:
        return None
    place = ROOT.joinpath(*name.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)

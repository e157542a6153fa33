"""What holds for every module: its size, its opening, who may construct, what may not be there."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = [
    path
    for folder in ("services", "contracts", "deploy")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
DOMAIN = [path for path in PRODUCT if "domain" in path.parts]
MODULES = [path for path in PRODUCT if path.stat().st_size and "versions" not in path.parts]
NO_NAMES = {"utils", "common", "helpers", "base", "manager"}
CLOCK = re.compile(r"\b(?:utcnow|datetime\.now|date\.today|uuid4|uuid7)\b")
LONGEST_MODULE, LONGEST_FUNCTION = 300, 45


def _opening(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def _lines(path: Path) -> int:
    return path.read_text().count("\n")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        named(path)
        for path in MODULES
        if not _opening(path).partition("\n")[0].rstrip().endswith((".", ":"))
    ]

    assert [] == silent


def test_no_module_is_longer_than_can_be_kept_in_mind_or_called_after_nothing() -> None:
    long = {named(path): lines for path in MODULES if (lines := _lines(path)) > LONGEST_MODULE}

    assert {} == long
    assert [] == [named(path) for path in MODULES if path.stem in NO_NAMES]


def test_every_module_of_booking_stands_in_one_layer_of_its_import_rule() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    [rule] = [rule for rule in rules if rule["id"] == "booking"]
    layers = [name.strip() for layer in rule["layers"] for name in layer.split("|")]
    modules = [
        ".".join(path.relative_to(ROOT / "services/booking").with_suffix("").parts)
        for path in PRODUCT
        if path.is_relative_to(ROOT / "services/booking") and path.name != "__init__.py"
    ]

    unplaced = [
        module
        for module in modules
        if sum(f"{module}.".startswith(f"{layer}.") for layer in layers) != 1
    ]

    assert unplaced == []


def test_functions_are_no_longer_than_can_be_seen_at_once() -> None:
    long = {
        f"{named(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        # A router is a list of routes, a table of deciders a list of rows.
        and not any(isinstance(each, ast.AsyncFunctionDef | ast.FunctionDef) for each in node.body)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }

    assert {} == long


def test_a_domain_waits_for_nothing_and_asks_no_clock() -> None:
    waits = [
        f"{named(path)}:{node.lineno}"
        for path in DOMAIN
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
    ]
    asks = [named(path) for path in DOMAIN if CLOCK.search(path.read_text())]

    assert ([], []) == (waits, asks)
    assert len(DOMAIN) > 20


def test_only_the_composition_roots_construct_a_service() -> None:
    building = {
        named(path)
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Service", "Database", "Relay", "Consumers"}
    }

    assert {
        "services/availability/app.py",
        "services/booking/app.py",
        "services/notifier/app.py",
        "services/policy/app.py",
        "services/chassis/runtime/assembly.py",
    } == building


def test_every_listener_of_the_product_is_told_where_to_listen() -> None:
    everywhere = [named(path) for path in PRODUCT if "0.0.0.0" in path.read_text()]

    assert [] == everywhere


def test_statements_name_their_columns_for_a_newer_schema_may_have_more() -> None:
    every_column = re.compile(r"(?:SELECT|RETURNING)\s+(?:\w+\.)?\*")
    careless = [
        f"{named(path)}: {found[0]}"
        for path in PRODUCT
        if path.is_relative_to(ROOT / "services") and "versions" not in path.parts
        for found in every_column.finditer(path.read_text())
    ]

    assert [] == careless

"""The documents: every command is there, every file and test that they name exists."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import operations_tables, settings_table

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "contracts" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
RECIPES = sorted((ROOT / "docs" / "recipes").glob("*.md"))
GLOSSARY = ROOT / "docs" / "glossary.md"
TESTS = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("*.py")))


def named(pattern: str) -> list[tuple[str, str]]:
    """Return (document, what it names) for each match in any document."""
    return [
        (str(document.relative_to(ROOT)), found)
        for document in DOCUMENTS
        for found in sorted(set(re.findall(pattern, document.read_text())))
    ]


def test_the_table_of_settings_is_fresh() -> None:
    assert settings_table.document() == settings_table.DOCUMENT.read_text()


def test_the_tables_of_metrics_and_log_events_are_fresh() -> None:
    text = operations_tables.DOCUMENT.read_text()

    assert operations_tables.document(text) == text


def test_every_metric_that_a_service_makes_is_in_the_table() -> None:
    script = (
        "import prometheus_client as p; import {}; print(*(f.name for f in p.REGISTRY.collect()))"
    )
    made: set[str] = set()
    for service in ("booking", "availability", "notifier", "policy"):
        command = [sys.executable, "-c", script.format(f"services.{service}.app")]
        done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=ROOT)
        made |= set(done.stdout.split())

    tabled = {metric.name.removesuffix("_total") for metric in operations_tables.metrics()}

    assert tabled == {name for name in made if name.startswith("bookwith_")}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


@pytest.mark.parametrize(("document", "target"), named(r"(?m)^make ([a-z-]+)"))
def test_every_target_is_there(document: str, target: str) -> None:
    known = subprocess.run(
        ["make", "--question", "--dry-run", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "No rule to make target" not in known.stderr


@pytest.mark.parametrize(("document", "test"), named(r"`(test_[a-z0-9_]+)`"))
def test_every_test_that_is_named_exists(document: str, test: str) -> None:
    assert f"def {test}(" in TESTS


@pytest.mark.parametrize(("document", "place"), named(r"\]\((?!https?:)([^)#]+)\)"))
def test_every_link_leads_somewhere(document: str, place: str) -> None:
    assert (ROOT / document).parent.joinpath(place).exists()


@pytest.mark.parametrize(
    ("document", "path"),
    named(r"`((?:tests|docs|services|contracts|deploy|requirements)/[\w/.-]+)`"),
)
def test_every_path_that_is_named_exists(document: str, path: str) -> None:
    assert (ROOT / path).exists()


def lines_with(path: Path, pattern: str) -> list[str]:
    return re.findall(pattern, path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_says_its_status_its_date_what_was_rejected_and_what_holds_it(
    page: Path,
) -> None:
    assert lines_with(page, r"^Status: (?:accepted|replaced by \[\d{4}\]\([\w.-]+\))$")
    assert lines_with(page, r"^Date: \d{4}-\d\d-\d\d$")
    assert lines_with(page, r"^## Rejected\n\n- ")
    assert lines_with(page, r"^## Held by\n\n\S")
    assert len(page.read_text().splitlines()) <= 60


def test_each_decision_has_a_number_of_its_own_and_stands_in_the_index() -> None:
    index = ROOT / "docs" / "decisions" / "README.md"
    row = r"^\| \[(\d{4})\]\(([\w.-]+)\) \| (.+?) \| (.+?) \| (.+?) \|$"
    listed = [found.groups() for found in re.finditer(row, index.read_text(), re.MULTILINE)]

    assert listed == [
        (
            page.name[:4],
            page.name,
            *lines_with(page, rf"^# {page.name[:4]}\. (.+)$"),
            *lines_with(page, r"^Status: (.+)$"),
            *lines_with(page, r"^Date: (.+)$"),
        )
        for page in DECISIONS
    ]
    assert [f"{number:04}" for number in range(1, len(DECISIONS) + 1)] == [
        page.name[:4] for page in DECISIONS
    ]


@pytest.mark.parametrize("page", RECIPES, ids=lambda page: page.stem)
def test_a_recipe_names_only_files_that_exist(page: Path) -> None:
    """A name with `<` is that of a file which the reader makes; `.local` is made by a run."""
    text = page.read_text()
    in_prose = re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|md|toml|txt|json|html))`", text)
    in_commands = re.findall(r"(?m)(?:^| )((?:tests|docs|services|requirements)/[\w./-]+)", text)
    made = {"subject.txt", "body.txt", "body.html", "tables.py"}
    named_files = {name for name in (*in_prose, *in_commands) if not name.startswith(".local")}

    assert [] == sorted(
        name for name in named_files - made if not (ROOT / name.rstrip(".")).exists()
    )


def python_of(page: Path) -> str:
    """Return the Python of a page as one module: a later block may use what an earlier defines."""
    return "\n".join(lines_with(page, r"^```python\n((?:.*\n)*?)```$"))


@pytest.mark.parametrize(
    "page", [page for page in DOCUMENTS if python_of(page)], ids=lambda page: page.stem
)
def test_the_python_of_a_document_compiles_and_imports_only_names_that_exist(page: Path) -> None:
    missing = [
        f"{node.module}.{each.name}"
        for node in ast.walk(ast.parse(python_of(page)))
        if isinstance(node, ast.ImportFrom) and node.module
        for each in node.names
        if not hasattr(importlib.import_module(node.module), each.name)
    ]

    assert [] == missing


def test_the_python_of_a_recipe_has_right_types_and_imports(tmp_path: Path) -> None:
    for page in RECIPES:
        if python := python_of(page):
            (tmp_path / f"{page.stem.replace('-', '_')}.py").write_text(python)
    modules = sorted(map(str, tmp_path.glob("*.py")))

    checked = subprocess.run(  # with the repository's settings and cache
        [sys.executable, "-m", "mypy", *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert modules
    assert checked.returncode == 0, checked.stdout


def test_every_recipe_stands_in_the_index_and_names_what_keeps_it_true() -> None:
    index, pages = ROOT / "docs" / "recipes" / "README.md", {page.name for page in RECIPES}

    assert pages - {"README.md"} == set(lines_with(index, r"\]\(([\w-]+\.md)\) \|$"))
    assert [] == [
        page.name
        for page in RECIPES
        if page != index and not lines_with(page, r"^## Kept true by\n\n.*(?:`test_|`tests/)")
    ]


def test_the_glossary_lists_names_that_the_code_has() -> None:
    code = "\n".join(
        path.read_text()
        for folder in ("services", "contracts", "deploy")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".json"}
    )
    listed = {name for name in lines_with(GLOSSARY, r"`([^`\n]+)`") if "<" not in name}

    # A name that ends in an underscore is the beginning of many: `bwm_...`, `on_...`.
    assert [] == sorted(
        name
        for name in listed
        if not re.search(
            rf"\b{re.escape(name.rstrip('_'))}" + ("" if name[-1] == "_" else r"\b"), code
        )
    )


def test_the_glossary_has_each_word_once() -> None:
    words = [
        word.strip()
        for row in lines_with(GLOSSARY, r"^\| (?!Word|-)(.+?) \| ")
        for word in re.split(",(?! of)", row)
    ]

    assert sorted(set(words)) == sorted(words)

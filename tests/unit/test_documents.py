"""The documents: every command is there, every file and test that they name exists."""

import re
import subprocess
from pathlib import Path

import pytest

from deploy import settings_table

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
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

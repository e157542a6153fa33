"""What was published with each release: schemas and fixtures, kept as they were for ever."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contracts.compatibility import breaking_changes

HOME = Path(__file__).parent / "published"


def publish(
    release: str, schemas: Mapping[str, Any], fixtures: Mapping[str, Any], home: Path = HOME
) -> None:
    """Keep today's schemas and fixtures as those of the release.

    Raises:
        FileExistsError: the release is there already; it is never written again.
    """
    (home / release).mkdir(parents=True)
    for kind, documents in (("schemas", schemas), ("fixtures", fixtures)):
        folder = home / release / kind
        folder.mkdir()
        for type_, document in documents.items():
            (folder / f"{type_}.json").write_text(as_json(document), encoding="utf-8")


def broken_promises(schemas: Mapping[str, Any], home: Path = HOME) -> list[str]:
    """Return a sentence for each thing that breaks what any release has published."""
    return [
        f"{release}: {type_}: {sentence}"
        for release, type_, old in published("schemas", home)
        for sentence in (
            breaking_changes(old, schemas[type_])
            if type_ in schemas
            else ["is no longer published"]
        )
    ]


def published(kind: str, home: Path = HOME) -> Iterator[tuple[str, str, Any]]:
    """Yield release, type and document of all `schemas` or `fixtures` ever published."""
    for path in sorted(home.glob(f"*/{kind}/*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        yield path.parent.parent.name, path.stem, document


def as_json(document: Any) -> str:
    """Return the document as the text of a committed file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

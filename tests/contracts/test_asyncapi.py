"""The AsyncAPI document: well-formed, complete, and every reference in it leads somewhere."""

import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

import contracts
from contracts.generators.asyncapi import document
from contracts.generators.yaml_text import to_yaml
from contracts.registry import EVENTS
from contracts.topics import TOPICS

HOME = Path(contracts.__file__).parent
SPECS_VERSION = "6.11.1"
SPECS_SHA256 = "01af8744dc33c0c7eb2e908f6a955319ee58b70ecadc9387d1aeb16c0cd28928"


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    """Return the committed document as a YAML library reads it."""
    loaded: dict[str, Any] = yaml.safe_load((HOME / "asyncapi.yaml").read_text("utf-8"))
    return loaded


def test_our_yaml_is_what_a_yaml_library_reads(committed: dict[str, Any]) -> None:
    assert committed == document()


@pytest.mark.parametrize(
    "value",
    [
        {"a": [], "b": {}, "c": None, "d": True, "e": 1.5, "f": -1},
        {"yes": "no", "null": "~", "on": "1", "1": "0x1F", "": " ", "a b": "a: b"},
        [
            ["- x", "#x"],
            [{"a": [{"b": "c\nd"}, "2026-01-01"]}],
            "*",
            "&a",
            "!",
            "%",
            "@",
            "`",
            "æ\t",
        ],
        {"$ref": "#/a/b", "x": "a #b", "y": "'", "z": '"', "w": "a\\b", "v": "NO", "u": "1e3"},
    ],
)
def test_our_yaml_brings_back_awkward_values(value: object) -> None:
    assert yaml.safe_load(to_yaml(value)) == value


def test_it_is_asyncapi_3_1_with_what_that_requires(committed: dict[str, Any]) -> None:
    allowed = {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}

    assert committed["asyncapi"] == "3.1.0"
    assert set(committed) == allowed
    assert {"title", "version"} <= set(committed["info"])


def test_each_topic_is_a_channel_with_its_events(committed: dict[str, Any]) -> None:
    assert list(committed["channels"]) == [topic.name for topic in TOPICS]
    for topic in TOPICS:
        channel = committed["channels"][topic.name]
        published = {event.__name__ for event in EVENTS if topic.name == event.TOPIC}

        assert channel["address"] == topic.name
        assert set(channel["messages"]) == published
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions


def test_each_publisher_sends_and_each_group_receives(committed: dict[str, Any]) -> None:
    held = {
        (operation["action"], name.partition(".")[0], operation["channel"]["$ref"])
        for name, operation in committed["operations"].items()
    }
    expected = {
        *(("send", topic.publisher, f"#/channels/{topic.name}") for topic in TOPICS),
        *(
            ("receive", group, f"#/channels/{topic.name}")
            for topic in TOPICS
            for group in topic.subscribers
        ),
    }

    assert held == expected


def test_every_reference_leads_somewhere(committed: dict[str, Any]) -> None:
    references = list(_references(committed))

    assert len(references) > len(EVENTS)
    for reference in references:
        if reference.startswith("#/"):
            place: Any = committed
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]
        else:
            assert (HOME / reference).is_file(), reference


def test_every_example_has_the_headers_that_a_message_requires(committed: dict[str, Any]) -> None:
    headers = committed["components"]["schemas"]["Headers"]
    for name, message in committed["components"]["messages"].items():
        (example,) = message["examples"]

        assert set(headers["required"]) <= set(example["headers"]) <= set(headers["properties"]), (
            name
        )
        assert example["headers"]["ce_type"] == message["name"]


@pytest.mark.skipif(shutil.which("npm") is None, reason="AsyncAPI's meta-schema comes by npm")
def test_it_is_valid_by_the_meta_schema(tmp_path: Path) -> None:
    meta_schema = _published_meta_schema(tmp_path)
    validate = validator_for(meta_schema)(meta_schema)

    assert [error.message for error in validate.iter_errors(document())] == []
    assert not validate.is_valid(document() | {"channels": {"a": {"address": 1}}})


def _published_meta_schema(folder: Path) -> dict[str, Any]:
    """Fetch AsyncAPI's own package; it is theirs, so no copy of it is kept here."""
    package = f"@asyncapi/specs@{SPECS_VERSION}"
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, timeout=60)
    [packed] = folder.glob("*.tgz")
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == SPECS_SHA256
    with tarfile.open(packed) as archive:
        held = archive.extractfile("package/schemas/3.1.0.json")
        assert held is not None
        found: dict[str, Any] = json.load(held)
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, held in part.items():
            if name == "$ref":
                yield held
            else:
                yield from _references(held)
    elif isinstance(part, list):
        for held in part:
            yield from _references(held)

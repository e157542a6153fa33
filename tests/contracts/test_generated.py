"""What is generated is committed, and fresh; what goes stale or breaks a promise is named."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import contracts
from contracts.__main__ import generated, main, schemas, stale, write
from contracts.generators.fixtures import fixtures
from contracts.published import broken_promises, publish

HOME = Path(contracts.__file__).parent
SLOT_RESERVED = "io.bookwith.booking.SlotReserved.v1"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the committed files that may be spoiled."""
    shutil.copytree(HOME, tmp_path / "contracts")
    return tmp_path / "contracts"


def test_the_committed_files_are_fresh() -> None:
    assert stale(generated()) == []


def test_the_check_passes_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_a_file_that_was_edited_lost_or_left_over_is_stale_and_mended(copy: Path) -> None:
    (copy / "CATALOGUE.md").write_text("edited", "utf-8")
    (copy / "topics.json").unlink()
    (copy / "fixtures/io.bookwith.booking.Forgotten.v1.json").write_text("{}", "utf-8")
    spoiled = ["CATALOGUE.md", "fixtures/io.bookwith.booking.Forgotten.v1.json", "topics.json"]

    assert stale(generated(), copy) == spoiled
    assert write(generated(), copy) == spoiled
    assert stale(generated(), copy) == []


def test_generating_twice_in_other_processes_gives_the_same() -> None:
    script = "import json, contracts.__main__ as m; print(json.dumps(m.generated()))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(HOME.parent)},
            cwd=HOME.parent,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert [json.loads(run) for run in runs] == [generated()]


def test_no_release_is_broken() -> None:
    assert list((HOME / "published").iterdir()) != []
    assert broken_promises(schemas()) == []


def test_a_broken_release_is_named_with_its_event(tmp_path: Path) -> None:
    today = schemas()
    publish("0.9.0", today, fixtures(), tmp_path)
    spoiled = json.loads(json.dumps(today))
    spoiled[SLOT_RESERVED]["required"].remove("expires_at")
    del spoiled[SLOT_RESERVED]["properties"]["expires_at"]

    assert broken_promises(spoiled, tmp_path) == [
        f"0.9.0: {SLOT_RESERVED}: expires_at: is no longer there; readers of before require it"
    ]


def test_an_event_that_is_published_no_more_breaks_its_release(tmp_path: Path) -> None:
    today = schemas()
    publish("0.9.0", today, fixtures(), tmp_path)
    del today[SLOT_RESERVED]

    assert broken_promises(today, tmp_path) == [f"0.9.0: {SLOT_RESERVED}: is no longer published"]


def test_every_release_counts_and_not_only_the_last(tmp_path: Path) -> None:
    first, second = schemas(), json.loads(json.dumps(schemas()))
    del second[SLOT_RESERVED]["properties"]["link_id"]
    third = json.loads(json.dumps(first))
    third[SLOT_RESERVED]["properties"]["link_id"] = {"type": "integer", "default": 0}
    publish("0.1.0", first, fixtures(), tmp_path)
    publish("0.2.0", second, fixtures(), tmp_path)

    broken = broken_promises(third, tmp_path)

    assert broken != []
    assert all(sentence.startswith(f"0.1.0: {SLOT_RESERVED}: link_id") for sentence in broken)


def test_a_release_is_never_written_again(tmp_path: Path) -> None:
    publish("0.1.0", schemas(), fixtures(), tmp_path)

    with pytest.raises(FileExistsError):
        publish("0.1.0", schemas(), fixtures(), tmp_path)


def test_the_readmes_consumer_is_the_example_that_runs() -> None:
    example = (HOME / "examples/subscriber.py").read_text("utf-8")
    readme = (HOME / "README.md").read_text("utf-8")

    assert f"```python\n{example}```" in readme


def test_the_readmes_consumer_has_fifteen_lines_of_its_own() -> None:
    lines = (HOME / "examples/subscriber.py").read_text("utf-8").splitlines()
    other = ("#", '"""', "import", "from")
    own = [line for line in lines if line.strip() and not line.startswith(other)]

    assert 0 < len(own) <= 15


def test_the_readmes_links_lead_somewhere() -> None:
    readme = (HOME / "README.md").read_text("utf-8")
    targets = {part.partition(")")[0] for part in readme.split("](")[1:]}
    local = {target for target in targets if "://" not in target}

    assert local != set()
    assert [target for target in sorted(local) if not (HOME / target).exists()] == []


def test_a_subscriber_needs_pydantic_and_nothing_else() -> None:
    script = (
        "import sys, contracts.__main__\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(names - set(sys.stdlib_module_names)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=HOME.parent, check=True, capture_output=True, text=True
    ).stdout

    allowed = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions"}
    allowed |= {"typing_inspection", "contracts", "__main__"}
    assert {name for name in output.split() if not name.startswith("_")} - allowed == set()

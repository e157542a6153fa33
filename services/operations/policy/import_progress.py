"""How far the import of a file has come: a second run on this machine goes on there."""

import hashlib
import json
import os
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from services.operations.policy.user_file import UserFile

IMPORT = "import-"


@dataclass(frozen=True, slots=True)
class Progress:
    """The rows that are dealt with; nothing of what the file holds is kept."""

    import_id: str
    rows: int = 0
    finished: bool = False


class ProgressFile:
    """The progress of one file at one service."""

    def __init__(self, url: str, file: UserFile) -> None:
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        name = hashlib.sha256(f"{url}\n{file.digest}".encode()).hexdigest()
        self._path = Path(home, "bookwith", "imports", f"{name}.json")

    def read(self) -> Progress:
        """Return how far it has come; a new import where nothing is kept."""
        with suppress(OSError, ValueError, TypeError):
            return Progress(**json.loads(self._path.read_text("utf-8")))
        return Progress(new_import_id())

    def write(self, progress: Progress) -> None:
        """Keep it, whole or not at all."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(asdict(progress)), "utf-8")
        unfinished.replace(self._path)

    def forget(self) -> None:
        """Let the next run begin anew."""
        self._path.unlink(missing_ok=True)


def new_import_id() -> str:
    """Return what all requests of one import carry; by its beginning it is known as one."""
    return f"{IMPORT}{uuid.uuid4().hex}"


def advanced(progress: Progress, rows: int, *, finished: bool) -> Progress:
    """Return the progress after so many rows."""
    return replace(progress, rows=rows, finished=finished)

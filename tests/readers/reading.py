"""Calendar files as three foreign readers understand them: many files a process, never one."""

import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar

from tests.readers import programs


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reader makes of the file's event; `fault` when it makes nothing of it."""

    start: datetime | None = None
    end: datetime | None = None
    summary: str = ""
    location: str = ""
    description: str = ""
    category: str = ""
    colour: str = ""
    fault: str = ""


Reader = Callable[[Sequence[bytes]], list[Understood]]


def icalendar(files: Sequence[bytes]) -> list[Understood]:
    """Read with Python's icalendar."""
    return [_with_icalendar(file) for file in files]


def ical4j(files: Sequence[bytes]) -> list[Understood]:
    """Read with ical4j, which many Java calendars stand on."""
    return _with_program(programs.ical4j(), files)


def ical_js(files: Sequence[bytes]) -> list[Understood]:
    """Read with ical.js, which Thunderbird stands on."""
    return _with_program(programs.ical_js(), files)


READERS: tuple[Reader, ...] = (icalendar, ical4j, ical_js)


def _with_icalendar(file: bytes) -> Understood:
    try:
        (event,) = Calendar.from_ical(file).events
        start, end = event.start, event.end
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
    except Exception as fault:
        return Understood(fault=repr(fault))  # whatever it is, the file is not understood
    names = ("SUMMARY", "LOCATION", "DESCRIPTION")
    summary, location, description = (str(event.get(name, "")) for name in names)
    return Understood(
        start=start.astimezone(UTC),
        end=end.astimezone(UTC),
        summary=summary,
        location=location,
        description=description,
        category=",".join(event.categories),
        colour=str(event.get("COLOR", "")),
    )


def _with_program(command: list[str], files: Sequence[bytes]) -> list[Understood]:
    lines = b"".join(b64encode(file) + b"\n" for file in files)
    done = subprocess.run(command, input=lines, capture_output=True, check=False)
    answers = done.stdout.decode("ascii").splitlines()
    assert len(answers) == len(files), done.stderr.decode()
    return [_understood(answer) for answer in answers]


def _understood(answer: str) -> Understood:
    if answer.startswith("fault: "):
        return Understood(fault=answer)
    start, end, *texts = answer.split("\t")
    return Understood(
        datetime.fromtimestamp(int(start), UTC),
        datetime.fromtimestamp(int(end), UTC),
        *(b64decode(text).decode() for text in texts),
    )

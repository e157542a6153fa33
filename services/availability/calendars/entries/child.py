"""The process that reads the texts of calendars, one after the other, from its standard input.

It has little processor time and little memory for each, so that no text harms the service; whoever
started it starts another when it is killed.
"""

import resource
import sys
from datetime import datetime
from typing import BinaryIO

import orjson

from services.availability.calendars.entries.lines import NoCalendar
from services.availability.calendars.entries.reading import Read, TooManyEntries, read_entries
from services.availability.calendars.port import Window


def main(source: BinaryIO, target: BinaryIO, *, cpu_seconds: int, memory_bytes: int) -> None:
    """Answer one question after another until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    while head := source.readline():
        asked = orjson.loads(head)
        text = source.read(asked["length"])
        _limit_processor_time(cpu_seconds)
        answer = orjson.dumps(_answer(asked, text))
        target.write(b"%d\n%s" % (len(answer), answer))
        target.flush()


def _limit_processor_time(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _answer(asked: dict[str, str], text: bytes) -> dict[str, object]:
    window = Window(
        start=datetime.fromisoformat(asked["start"]), end=datetime.fromisoformat(asked["end"])
    )
    try:
        read = read_entries(
            text, window=window, time_zone=asked["time_zone"], emails=asked["emails"]
        )
    except NoCalendar as fault:
        return {"fault": "unreadable", "detail": str(fault)}
    except (TooManyEntries, MemoryError):
        return {"fault": "too_large"}
    return {"read": _as_json(read)}


def _as_json(read: Read) -> dict[str, object]:
    return {
        "objects": {
            key: [[each.start, each.end, each.kind, each.all_day] for each in times]
            for key, times in read.objects.items()
        },
        "own": [
            [each.booking_uid, each.key, each.version, each.start, each.end] for each in read.own
        ],
        "skipped": [[each.key, each.why] for each in read.skipped],
        "name": read.name,
    }


if __name__ == "__main__":
    seconds, size = map(int, sys.argv[1:])
    main(sys.stdin.buffer, sys.stdout.buffer, cpu_seconds=seconds, memory_bytes=size)

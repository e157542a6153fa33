"""What a part weighs in memory."""

import psutil

from deploy.local.state import PartState


def rss_bytes(part: PartState) -> int | None:
    """Return the resident memory of a part, or None when it has no process.

    PostgreSQL is a family of processes with one block of shared memory: each one's proportional
    share is added up, or the shared block would be counted once for each connection.
    """
    process = part.process()
    if process is None:
        return None
    try:
        if part.role != "postgres":
            return int(process.memory_info().rss)
        return sum(_share(each) for each in (process, *process.children(recursive=True)))
    except psutil.NoSuchProcess:
        return None


def _share(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    return int(getattr(memory, "pss", memory.uss))

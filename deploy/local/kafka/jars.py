"""Kafka's jars."""

from collections.abc import Callable
from pathlib import Path

from deploy.local.pinned_jars import PinnedJars

VERSION = "4.4.0"
JARS = PinnedJars(Path(__file__).parent, f"kafka-{VERSION}", f"Kafka {VERSION}'s jars, 43 MB,")


def cache() -> Path:
    """Return where the jars are kept; temporary stacks and new clones use the same."""
    return JARS.kept_in()


def ensure(say: Callable[[str], None]) -> Path:
    """Return the folder of the jars; download the pinned ones first if they are not there."""
    return JARS.ensure(say)

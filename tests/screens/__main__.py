"""`make screens`: writes docs/screens/ from a temporary local stack, and tells what is wrong.

Names of scenes behind it take only those.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.stack import LocalStack
from tests.e2e.browser import chromium
from tests.e2e.client import StackClients
from tests.screens.admin_scenes import ADMINISTRATORS
from tests.screens.organizer_scenes import ORGANIZERS
from tests.screens.taking import WINDOWS, take_all

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
# In other windows only what differs most there.
PHONE = (
    "organizer",
    "pick-durations",
    "details-faults",
    "booked",
    "cancelled",
    "taken",
    "zones-found",
    *ORGANIZERS,
    *ADMINISTRATORS,
)


async def write(stack: LocalStack, folder: Path, names: Sequence[str]) -> list[str]:
    """Write the screens of these scenes, of all without names; return what is wrong on them."""
    clients = StackClients(stack)
    try:
        async with chromium() as browser:
            wide, *others = WINDOWS
            wrong = await take_all(browser, clients, folder, [wide], names or None)
            differing = [name for name in PHONE if not names or name in names]
            return wrong + await take_all(browser, clients, folder, others, differing)
    finally:
        await clients.close()


def main() -> int:
    """Start a stack, write the screens, and return the exit code."""
    FOLDER.mkdir(exist_ok=True)
    with LocalStack(environment={"BOOKWITH_BUDGET_FACTOR": "1000"}) as stack:
        wrong = asyncio.run(write(stack, FOLDER, sys.argv[1:]))
    print("\n".join(wrong) or f"written to {FOLDER}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

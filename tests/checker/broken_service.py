"""One service, broken: `python -m tests.checker.broken_service SERVICE WORDS`."""

import importlib
import runpy
import sys

from tests.checker.seams import BROKEN, break_at


def main(service: str, words: str) -> None:
    """Break the service and serve; what cannot be broken ends with the name that is not there."""
    importlib.import_module(f"services.{service}.app")
    for seam in BROKEN[words][service]:
        break_at(seam)
    sys.argv[1:] = ["serve"]
    runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""`python -m services.notifier`."""

from pathlib import Path

from services.chassis.cli import main
from services.notifier.app import build
from services.notifier.settings import NotifierSettings

if __name__ == "__main__":
    main("notifier", NotifierSettings, build, Path(__file__).parent / "migrations")

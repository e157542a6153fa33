"""`python -m services.availability`."""

from pathlib import Path

from services.availability.app import build
from services.availability.settings import AvailabilitySettings
from services.chassis.cli import main

if __name__ == "__main__":
    main("availability", AvailabilitySettings, build, Path(__file__).parent / "migrations")

"""`python -m services.booking`."""

from pathlib import Path

from services.booking.app import build
from services.booking.settings import BookingSettings
from services.chassis.cli import main

if __name__ == "__main__":
    main("booking", BookingSettings, build, Path(__file__).parent / "migrations")

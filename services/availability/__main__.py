"""`python -m services.availability`."""

from services.availability.settings import AvailabilitySettings
from services.chassis.runtime.command_line import main

if __name__ == "__main__":
    main("availability", AvailabilitySettings)

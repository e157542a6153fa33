"""`python -m services.booking`."""

from services.booking.settings import BookingSettings
from services.chassis.runtime.command_line import main

if __name__ == "__main__":
    main("booking", BookingSettings)

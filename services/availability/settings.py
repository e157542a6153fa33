"""Availability's settings."""

from services.chassis.runtime.settings import Settings


class AvailabilitySettings(Settings):
    """Availability needs nothing beyond every service's settings."""

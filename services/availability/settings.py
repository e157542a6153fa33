"""Availability's settings."""

from services.chassis.settings import Settings


class AvailabilitySettings(Settings):
    """Availability needs nothing beyond every service's settings."""

"""Policy's settings."""

from services.chassis.settings import Settings


class PolicySettings(Settings):
    """Policy needs nothing beyond every service's settings."""

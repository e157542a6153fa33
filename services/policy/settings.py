"""Policy's settings."""

from services.chassis.runtime.settings import Settings


class PolicySettings(Settings):
    """Policy needs nothing beyond every service's settings."""

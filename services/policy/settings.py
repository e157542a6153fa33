"""Policy's settings."""

from services.chassis.sign_in.settings import SignInSettings


class PolicySettings(SignInSettings):
    """Policy needs nothing beyond the settings of services with pages."""

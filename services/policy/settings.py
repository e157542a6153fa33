"""Policy's settings."""

from services.chassis.sign_in.settings import SignInSettings
from services.chassis.web.brand_settings import BrandSettings


class PolicySettings(SignInSettings, BrandSettings):
    """Policy needs nothing beyond the settings of services with pages."""

"""`python -m services.policy`."""

from pathlib import Path

from services.chassis.cli import main
from services.policy.app import build
from services.policy.settings import PolicySettings

if __name__ == "__main__":
    main("policy", PolicySettings, build, Path(__file__).parent / "migrations")

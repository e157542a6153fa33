"""`python -m services.policy`."""

from services.chassis.cli import main
from services.policy.settings import PolicySettings

if __name__ == "__main__":
    main("policy", PolicySettings)

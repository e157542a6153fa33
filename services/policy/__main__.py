"""`python -m services.policy`."""

from services.chassis.runtime.command_line import main
from services.policy.settings import PolicySettings

if __name__ == "__main__":
    main("policy", PolicySettings)

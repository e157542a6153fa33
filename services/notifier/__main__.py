"""`python -m services.notifier`."""

from services.chassis.runtime.command_line import main
from services.notifier.settings import NotifierSettings

if __name__ == "__main__":
    main("notifier", NotifierSettings)

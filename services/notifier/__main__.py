"""`python -m services.notifier`."""

from services.chassis.cli import main
from services.notifier.settings import NotifierSettings

if __name__ == "__main__":
    main("notifier", NotifierSettings)

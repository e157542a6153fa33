"""`python -m services.operations`: `bookwith` where the local stack is not installed."""

from services.operations.command_line import Installation, run


def main() -> None:
    """Run the command that the arguments name."""
    run(Installation())


if __name__ == "__main__":
    main()

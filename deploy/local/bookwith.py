"""`bookwith` of a checkout: the operators' commands and those of the local stack."""

from typing import TYPE_CHECKING

from services.operations.command_line import Command, Installation, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploy.local.state import PartState

LOCAL_STACK = (
    Command("up", "deploy.local.commands", "Start the local stack in the background."),
    Command("down", "deploy.local.commands", "Stop the local stack; what it holds is kept."),
    Command(
        "status",
        "deploy.local.commands",
        "Show the parts of the local stack, their memory and how often they were restarted.",
    ),
    Command("token", "deploy.local.commands", "Print a bearer token of a demo user."),
    Command(
        "doctor",
        "deploy.local.commands",
        "Look for what is wrong with the local stack, and say what to type next.",
    ),
)


def kafka() -> str | None:
    """Return the address of the local stack's Kafka, if there is a stack."""
    return _address(lambda part: part.role == "kafka")


def policy() -> str | None:
    """Return the address of the local stack's policy service, if there is a stack."""
    return _address(lambda part: part.name == "policy")


def _address(is_wanted: "Callable[[PartState], bool]") -> str | None:
    from deploy.local import settings  # noqa: PLC0415 # not for the help, which must be quick
    from deploy.local.state import StateFile  # noqa: PLC0415

    state = StateFile(settings.state_dir()).read()
    return next((part.url for part in state.parts if is_wanted(part)), None) if state else None


def namespace() -> str | None:
    """Return the namespace of the local stack's ids, if there is a stack."""
    from deploy.local import settings  # noqa: PLC0415 # as above

    kept = settings.state_dir() / "secrets.json"
    return settings.secret_values(kept.parent).organization_namespace if kept.is_file() else None


def main() -> None:
    """Run the command that the arguments name."""
    run(Installation(LOCAL_STACK, kafka, namespace, policy))


if __name__ == "__main__":
    main()

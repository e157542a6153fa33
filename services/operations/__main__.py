"""The command line `bookwith`: each group of commands is a module of this package."""

import importlib

import typer

# A group whose packages are not installed is left out: production has no local stack.
GROUPS = ("stack", "topics", "events", "lag", "dead_letters")
LOCAL_ONLY = "psutil"

app = typer.Typer(name="bookwith", no_args_is_help=True, pretty_exceptions_show_locals=False)


@app.callback()
def bookwith() -> None:
    """Run, watch and repair Bookwith."""


def main() -> None:
    """Run the command that the arguments name."""
    for group in GROUPS:
        try:
            module = importlib.import_module(f"services.operations.{group}")
        except ModuleNotFoundError as error:
            if error.name != LOCAL_ONLY:
                raise
            continue
        app.add_typer(module.app)
    app(prog_name="bookwith")


if __name__ == "__main__":
    main()

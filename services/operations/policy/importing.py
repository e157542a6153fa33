"""x."""


def import_() -> None:
    """X."""

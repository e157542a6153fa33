"""Ids: UUIDv7 for new things, UUIDv5 for people."""

from uuid import UUID, uuid5

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a UUIDv7: unique, and ordered by the time it was made."""
    return uuid7()


def person_id(namespace: UUID, identity: str) -> UUID:
    """Return the one id that a person has in all services."""
    return uuid5(namespace, identity)


def parse_id(text: str) -> UUID | None:
    """Return the id that the text is, or None: a malformed id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None

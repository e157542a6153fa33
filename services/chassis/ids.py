"""Ids: UUIDv7 for new things, UUIDv5 for people."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

# Before every id there is: where a list begins.
FIRST = UUID(int=0)


def new_id() -> UUID:
    """Return a UUIDv7: unique, and ordered by the time it was made."""
    return uuid7()


def moment_of(id_: UUID) -> datetime:
    """Return when the UUIDv7 was made."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def person_id(namespace: UUID, identity: str) -> UUID:
    """Return the one id that a person has in all services."""
    return uuid5(namespace, identity)


def person_named(namespace: UUID, text: str) -> UUID:
    """Return the id of the person whom the text names: by it, or by their identity.

    A person's id is a UUID of version 5; the UUIDs that providers give as identities are not.
    """
    id_ = parse_id(text)
    return id_ if id_ is not None and id_.version == 5 else person_id(namespace, text)


def parse_id(text: str) -> UUID | None:
    """Return the id that the text is, or None: a malformed id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None

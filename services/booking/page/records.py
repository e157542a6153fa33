"""Where pages are found: by handle; and whose each handle is that a page ever had."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint, insert

from services.booking.domain.handle import look_of
from services.booking.domain.page import Event, PageAddressRenewed, PageChanged, PageCreated
from services.booking.domain.page_email import PageEmailRequested, PageEmailRequestEnded
from services.booking.metadata import Instant, metadata
from services.chassis.events import timers
from services.chassis.events.streams import Recorded
from services.chassis.postgres.database import Statement, prepared, sql

pages = Table(
    "pages",
    metadata,
    Column("organizer_id", Uuid, primary_key=True),
    Column("handle", Text, nullable=False, unique=True),
)
# Every address that a page has or had, which nobody else gets, nor one that looks like it. An old
# one may lead to the new one. Of what two organizers had before that was so, the first is here.
page_addresses = Table(
    "page_addresses",
    metadata,
    Column("organizer_id", Uuid, nullable=False),
    Column("handle", Text, nullable=False),
    Column("look", Text, nullable=False),
    Column("forwards_until", Instant),
    PrimaryKeyConstraint("organizer_id", "handle"),
    ExcludeConstraint(
        ("look", "="), ("organizer_id", "<>"), name="page_addresses_look", using="gist"
    ),
    Index("page_addresses_handle", "handle"),
)

# The address that waits for its proof: it may be a stranger's, so it is in no event.
page_emails = Table(
    "page_emails",
    metadata,
    Column("organizer_id", Uuid, primary_key=True),
    Column("request_id", Uuid, nullable=False),
    Column("email", Text, nullable=False),
)
Index("page_emails_address", func.lower(page_emails.c.email))

_PAGE = insert(pages).values(organizer_id=bindparam("organizer_id"), handle=bindparam("handle"))
_PUT_PAGE = prepared(
    _PAGE.on_conflict_do_update(
        index_elements=["organizer_id"], set_={"handle": _PAGE.excluded.handle}
    )
)
# The function is in migrations/versions/0004_types_addresses.py; it raises a violation of
# `page_addresses_look` when the address, or one that looks like it, is somebody else's.
_CLAIM_ADDRESS = sql("SELECT claim_address(%(organizer_id)s, %(handle)s, %(look)s)")
_PUT_ADDRESS = sql("""
    INSERT INTO page_addresses (organizer_id, handle, look)
    VALUES (%(organizer_id)s, %(handle)s, %(look)s) ON CONFLICT DO NOTHING
""")
# Of the address that the page has until now: dead, or leading to the new one.
_FORWARD = sql("""
    UPDATE page_addresses a SET forwards_until = %(until)s
    FROM pages p WHERE p.organizer_id = %(organizer_id)s
        AND a.organizer_id = p.organizer_id AND a.handle = p.handle
""")

_EMAIL = insert(page_emails).values(
    {name: bindparam(name) for name in ("organizer_id", "request_id", "email")}
)
_KEEP_EMAIL = prepared(
    _EMAIL.on_conflict_do_update(
        index_elements=["organizer_id"],
        set_={name: getattr(_EMAIL.excluded, name) for name in ("request_id", "email")},
    )
)
_FORGET_EMAIL = sql("DELETE FROM page_emails WHERE organizer_id = %(organizer_id)s")
# Fires when the link to another address is over.
EMAIL_TIMER = "page_email"


def project(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Return what the event changes."""
    match recorded.event:
        case PageCreated(profile=profile) | PageChanged(profile=profile):
            yield from _put(recorded.key, profile.handle, forwards_until=None)
        case PageAddressRenewed(handle, forwards_until):
            yield from _put(recorded.key, handle, forwards_until=forwards_until)
        case PageEmailRequested(expires_at=expires_at):
            yield timers.schedule(EMAIL_TIMER, recorded.subject, expires_at)
        case PageEmailRequestEnded(reason=reason) if reason != "replaced":
            yield timers.cancel(EMAIL_TIMER, recorded.subject)
        case _:
            pass


def claim_address(organizer_id: UUID, handle: str) -> Statement:
    """Make the address the organizer's for ever, ahead of the append."""
    return Statement(_CLAIM_ADDRESS, _address(organizer_id, handle))


def keep_email(organizer_id: UUID, request_id: UUID, email: str) -> Statement:
    """Keep the address that waits for its proof, in place of the one before."""
    values = {"organizer_id": organizer_id, "request_id": request_id, "email": email}
    return Statement(_KEEP_EMAIL, values)


def forget_email(organizer_id: UUID) -> Statement:
    """Delete the address that waits for its proof."""
    return Statement(_FORGET_EMAIL, {"organizer_id": organizer_id})


def _put(key: str, handle: str, *, forwards_until: datetime | None) -> Iterable[Statement]:
    organizer_id = UUID(key)
    yield Statement(_FORWARD, {"organizer_id": organizer_id, "until": forwards_until})
    yield Statement(_PUT_ADDRESS, _address(organizer_id, handle))
    yield Statement(_PUT_PAGE, {"organizer_id": organizer_id, "handle": handle})


def _address(organizer_id: UUID, handle: str) -> dict[str, UUID | str]:
    return {"organizer_id": organizer_id, "handle": handle, "look": look_of(handle)}

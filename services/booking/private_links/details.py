"""What is noted about private links and whom they are for: rows that can be erased.

They are in no event: like the attendees' records they are kept here only, so nothing rebuilds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Column, Index, Table, Text, Uuid, bindparam
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.booking.domain.private_link import Addressee, LinkDetails
from services.booking.metadata import metadata
from services.chassis.ids import new_id, parse_id
from services.chassis.postgres.database import (
    Connection,
    Row,
    Statement,
    fetch,
    fetch_one,
    prepared,
    sql,
)
from services.chassis.text.mail_address import same_address

link_details = Table(
    "link_details",
    metadata,
    Column("link_id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("label", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("addressees", JSONB, nullable=False),
    # Whose an id is: that of an addressee stands for them like an attendee's.
    Index(
        "link_details_addressees",
        "addressees",
        postgresql_using="gin",
        postgresql_ops={"addressees": "jsonb_path_ops"},
    ),
)

_COLUMNS = ("link_id", "organizer_id", "label", "reference", "addressees")
_DETAILS = insert(link_details).values({name: bindparam(name) for name in _COLUMNS})
_KEEP = prepared(
    _DETAILS.on_conflict_do_update(
        index_elements=["link_id"],
        set_={name: getattr(_DETAILS.excluded, name) for name in _COLUMNS[2:]},
    )
)
# With the last one the link ends; what says that it is for addressees stays in its events.
_ERASE = sql("""
    UPDATE link_details SET label = '', reference = '', addressees = (
        SELECT coalesce(jsonb_agg(each), '[]') FROM jsonb_array_elements(addressees) AS each
        WHERE lower(each ->> 'email') <> ALL(%(forms)s))
    WHERE EXISTS (
        SELECT FROM jsonb_array_elements(addressees) AS each
        WHERE lower(each ->> 'email') = ANY(%(forms)s))
""")
# Who has no id was stored by a process of before: the next one to store the link gives it.
_EACH = """
    SELECT link_id, organizer_id, (each ->> 'id')::uuid AS id, each ->> 'name' AS name,
        each ->> 'email' AS email, each ->> 'time_zone' AS time_zone,
        jsonb_array_length(addressees) > 1 AS has_others
    FROM link_details CROSS JOIN jsonb_array_elements(addressees) AS each
"""
_ADDRESSED = sql(f"""
    {_EACH} WHERE lower(each ->> 'email') = ANY(%(forms)s) AND each ? 'id' ORDER BY each ->> 'id'
""")
# When a link ended is the time of its event.
_PAST = sql("""
    SELECT d.link_id
    FROM link_details d JOIN private_links l ON l.id = d.link_id
    WHERE d.addressees <> '[]' AND l.ended IS NOT NULL AND EXISTS (
        SELECT FROM events e
        WHERE e.stream = 'private_link-' || d.link_id AND e.type = 'LinkExpired'
            AND e.time < clock_timestamp() - %(days)s * interval '1 day')
    ORDER BY d.link_id LIMIT %(limit)s
""")
_ADDRESSEES = sql(f"{_EACH} WHERE link_id = ANY(%(links)s) AND each ? 'id' ORDER BY each ->> 'id'")
_FORGET = sql("""
    UPDATE link_details SET label = '', reference = '', addressees = '[]'
    WHERE link_id = ANY(%(links)s)
""")
_ADDRESS_OF = sql("""
    SELECT each ->> 'email' AS email
    FROM link_details CROSS JOIN jsonb_array_elements(addressees) AS each
    WHERE addressees @> %(person)s AND each @> %(id)s
""")
# The columns in a query that joins the table as `d`.
DETAILS_JOINED = "d.label, d.reference, d.addressees"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressedLink:
    """A link that is for somebody, with what it has about them; `id` is theirs in this link."""

    link_id: UUID
    organizer_id: UUID
    id: UUID
    name: str
    email: str
    time_zone: str | None
    has_others: bool


def keep_details(link_id: UUID, organizer_id: UUID, details: LinkDetails) -> Statement:
    """Keep what is noted about the link; an addressee who has no id gets one."""
    addressees = [
        {
            "id": str(each.id or new_id()),
            "name": each.name,
            "email": each.email,
            "time_zone": each.time_zone,
        }
        for each in details.addressees
    ]
    return Statement(
        _KEEP,
        {
            "link_id": link_id,
            "organizer_id": organizer_id,
            "label": details.label,
            "reference": details.reference,
            "addressees": Jsonb(addressees),
        },
    )


def erase_addressee(email: str) -> Statement:
    """Erase somebody from all links that are for them, with what is noted about those links."""
    return Statement(_ERASE, {"forms": same_address(email)})


async def links_addressed_to(connection: Connection, email: str) -> Sequence[AddressedLink]:
    """Return the links that are for somebody, as they are named there."""
    rows = await fetch(connection, _ADDRESSED, forms=same_address(email))
    return [AddressedLink(**row) for row in rows]


def forget_addressees(links: Sequence[UUID]) -> Statement:
    """Erase everybody whom the links were for, with what is noted about those links."""
    return Statement(_FORGET, {"links": list(links)})


async def past_addressed(connection: Connection, days: int, limit: int) -> Sequence[UUID]:
    """Return some links for somebody that ended so many days ago."""
    rows = await fetch(connection, _PAST, days=days, limit=limit)
    return [row["link_id"] for row in rows]


async def addressees_of(connection: Connection, links: Sequence[UUID]) -> Sequence[AddressedLink]:
    """Return whom the links are for, each in each link."""
    rows = await fetch(connection, _ADDRESSEES, links=list(links))
    return [AddressedLink(**row) for row in rows]


async def address_of(connection: Connection, addressee_id: UUID) -> str | None:
    """Return the address of the addressee with that id, who may be erased."""
    of = {"id": str(addressee_id)}
    row = await fetch_one(connection, _ADDRESS_OF, person=Jsonb([of]), id=Jsonb(of))
    return row["email"] if row else None


def joined_details(row: Row) -> LinkDetails:
    """Return what is noted in a row; nothing without a row of the table."""
    if row["label"] is None:
        return LinkDetails()
    found: Sequence[dict[str, str | None]] = row["addressees"]
    return LinkDetails(
        label=row["label"],
        reference=row["reference"],
        addressees=tuple(
            Addressee(
                name=each["name"] or "",
                email=each["email"] or "",
                time_zone=each["time_zone"],
                id=parse_id(each.get("id") or ""),
            )
            for each in found
        ),
    )

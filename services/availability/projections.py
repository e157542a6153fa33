"""Availability's read models: what booking's events change in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import DateTime, Uuid

from contracts.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingRequested,
    BookingRescheduled,
    HoldExtended,
    LinkExpired,
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
    OfferMade,
    PageRegularHoursChanged,
    PrivateLinkChanged,
    PrivateLinkIssued,
    RequestRescheduled,
    RescheduleApprovalRequested,
    SlotReleased,
    SlotReserved,
    VerificationRequested,
)
from services.availability.tables import claims, meeting_types, pages, private_links
from services.chassis.postgres.database import Connection, Prepared, enqueue, prepared, sql
from services.chassis.web.zones import zone_of

_id = bindparam("of", type_=Uuid)
_start = bindparam("start", type_=DateTime(timezone=True))


def _put(table: Any, keys: list[str], names: tuple[str, ...]) -> Prepared:
    row = insert(table).values({name: bindparam(name) for name in (*keys, *names)})
    return prepared(
        row.on_conflict_do_update(
            index_elements=keys, set_={name: getattr(row.excluded, name) for name in names}
        )
    )


_PUBLISH = _put(pages, ["organizer_id"], ("published",))
_ALLOW = _put(pages, ["organizer_id"], ("allowed",))
_SET_HOURS = _put(pages, ["organizer_id"], ("regular_hours",))
_PUT_TYPE = _put(meeting_types, ["id"], ("organizer_id", "private", "rules"))
_SET_ZONE = sql("""
    UPDATE calendars
    SET time_zone = %(time_zone)s, state = '{}', next_read_at = clock_timestamp()
    WHERE organizer_id = %(organizer_id)s AND time_zone <> %(time_zone)s
""")
_END_TYPE = prepared(update(meeting_types).where(meeting_types.c.id == _id).values(deleted=True))
_PUT_LINK = _put(private_links, ["id"], ("meeting_type_id", "expires_at", "duration_minutes"))
_END_LINK = prepared(
    update(private_links).where(private_links.c.id == _id).values(ended=bindparam("reason"))
)
_PUT_CLAIM = _put(
    claims,
    ["booking_id", "starts_at"],
    ("organizer_id", "meeting_type_id", "ends_at", "expires_at"),
)
_DROP_CLAIM = prepared(
    delete(claims).where(claims.c.booking_id == _id, claims.c.starts_at == _start)
)
_EXTEND_CLAIM = prepared(
    update(claims)
    .where(claims.c.booking_id == _id, claims.c.starts_at == _start)
    .values(expires_at=bindparam("until"))
)
_PUT_OFFERED = _put(
    claims,
    ["booking_id", "starts_at"],
    ("organizer_id", "meeting_type_id", "ends_at", "expires_at", "link_id"),
)
_DROP_OFFERED = prepared(delete(claims).where(claims.c.link_id == _id))
_DROP_CLAIMS = prepared(delete(claims).where(claims.c.booking_id == _id))

RULES = (
    "duration_minutes",
    "increment_minutes",
    "min_lead_minutes",
    "max_lead_minutes",
    "organizer_time_zone",
    "hours",
    "weekly_hours",
    "durations_minutes",
    "date_overrides",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "enabled",
    "max_per_day",
    "max_per_week",
)


async def set_published(connection: Connection, organizer_id: UUID, *, published: bool) -> None:
    """Note whether the organizer has the page turned on."""
    await enqueue(connection, _PUBLISH, organizer_id=organizer_id, published=published)


async def set_allowed(connection: Connection, organizer_id: UUID, *, allowed: bool) -> None:
    """Note whether the administrators' policy lets the page be open."""
    await enqueue(connection, _ALLOW, organizer_id=organizer_id, allowed=allowed)


async def set_regular_hours(connection: Connection, event: PageRegularHoursChanged) -> None:
    """Keep the hours of the organizer's meeting types that have none of their own."""
    hours = Jsonb(event.weekly_hours.model_dump(mode="json"))
    await enqueue(connection, _SET_HOURS, organizer_id=event.organizer_id, regular_hours=hours)


async def put_meeting_type(
    connection: Connection, event: MeetingTypeCreated | MeetingTypeChanged
) -> None:
    """Keep what of the meeting type decides its times; raise UnknownZone if its zone is none."""
    zone_of(event.organizer_time_zone)
    # Whole days and times without a zone are in the organizer's: all is to be read anew.
    await enqueue(
        connection,
        _SET_ZONE,
        organizer_id=event.organizer_id,
        time_zone=event.organizer_time_zone,
    )
    await enqueue(
        connection,
        _PUT_TYPE,
        id=event.id,
        organizer_id=event.organizer_id,
        private=event.visibility == "private",
        rules=Jsonb(event.model_dump(mode="json", include=set(RULES))),
    )


async def end_meeting_type(connection: Connection, event: MeetingTypeDeleted) -> None:
    """Offer the meeting type no more; its bookings stay, and are moved by its last rules."""
    await enqueue(connection, _END_TYPE, of=event.meeting_type_id)


async def put_link(connection: Connection, event: PrivateLinkIssued | PrivateLinkChanged) -> None:
    """Keep which type the link opens, and until when."""
    await enqueue(
        connection,
        _PUT_LINK,
        id=event.link_id,
        meeting_type_id=event.meeting_type_id,
        expires_at=event.expires_at,
        duration_minutes=event.duration_minutes,
    )


async def end_link(connection: Connection, event: LinkExpired) -> None:
    """Note that the link opens nothing any more; the times that it was offered for are free."""
    await enqueue(connection, _END_LINK, of=event.link_id, reason=event.reason)
    await enqueue(connection, _DROP_OFFERED, of=event.link_id)


async def hold_offered(connection: Connection, event: OfferMade) -> None:
    """Take the times of the offer for whoever has its link, each until it begins at most."""
    for time in event.times if event.held else ():
        await enqueue(
            connection,
            _PUT_OFFERED,
            booking_id=event.offer_id,
            organizer_id=event.organizer_id,
            meeting_type_id=event.meeting_type_id,
            starts_at=time.start,
            ends_at=time.end,
            expires_at=min(event.expires_at, time.start),
            link_id=event.link_id,
        )


async def hold(connection: Connection, event: SlotReserved) -> None:
    """Take the time until the deadline."""
    await _claim(connection, event, event.start, event.end, event.expires_at)


async def extend(connection: Connection, event: HoldExtended) -> None:
    """Take the held time until a later deadline."""
    values = {"of": event.booking_id, "start": event.start, "until": event.expires_at}
    await enqueue(connection, _EXTEND_CLAIM, **values)


async def release(connection: Connection, event: SlotReleased) -> None:
    """Give the held time back."""
    await enqueue(connection, _DROP_CLAIM, of=event.booking_id, start=event.start)


async def keep(connection: Connection, event: BookingConfirmed) -> None:
    """Take the time for good."""
    await _claim(connection, event, event.start, event.end, None)


async def move(connection: Connection, event: BookingRescheduled) -> None:
    """Take the new time for good and give the old one back."""
    await enqueue(connection, _DROP_CLAIM, of=event.booking_id, start=event.from_.start)
    await _claim(connection, event, event.to.start, event.to.end, None)


async def keep_until(
    connection: Connection,
    event: BookingRequested | RequestRescheduled | RescheduleApprovalRequested,
    start: datetime,
    end: datetime,
    deadline: datetime,
) -> None:
    """Take the time until the organizer has answered, at most until the deadline."""
    await _claim(connection, event, start, end, deadline)


async def drop(connection: Connection, booking_id: UUID, start: datetime) -> None:
    """Give the booking's time back."""
    await enqueue(connection, _DROP_CLAIM, of=booking_id, start=start)


async def cancel(
    connection: Connection, event: BookingCancelled | BookingDeclined | VerificationRequested
) -> None:
    """Give all times of the booking back."""
    await enqueue(connection, _DROP_CLAIMS, of=event.booking_id)


async def _claim(
    connection: Connection,
    event: SlotReserved
    | BookingRequested
    | RequestRescheduled
    | BookingConfirmed
    | RescheduleApprovalRequested
    | BookingRescheduled,
    start: datetime,
    end: datetime,
    expires_at: datetime | None,
) -> None:
    await enqueue(
        connection,
        _PUT_CLAIM,
        booking_id=event.booking_id,
        organizer_id=event.organizer_id,
        meeting_type_id=event.meeting_type_id,
        starts_at=start,
        ends_at=end,
        expires_at=expires_at,
    )

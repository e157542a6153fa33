"""A booking with everything that rules about it and its view read, all of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.booking.attendees.records import COLUMNS_JOINED, AttendeeRecord, joined_attendee
from services.booking.bookings.limits import Counted, times_within
from services.booking.bookings.records import BookingOwner
from services.booking.bookings.streams import BOOKING, BookingAggregate, BookingChange
from services.booking.bookings.verdicts import SlotVerdict, slot_verdict
from services.booking.domain import booking, offering, page
from services.booking.domain.meeting_type import Settings, last_settings, notice, settings_at
from services.booking.domain.private_link import LinkDetails
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Notice, Party, Slot
from services.booking.meeting_types.streams import MEETING_TYPE, MeetingTypeAggregate
from services.booking.page.policy_versions import IN_DOUBT
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.private_links.details import DETAILS_JOINED, joined_details
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.chassis.events.loading import Loaded, events_of
from services.chassis.postgres.database import Connection, Row, Statement, fetch, sql

_STREAMS = f"""array_remove(ARRAY[
    '{BOOKING.name}-' || b.id, '{PAGE.name}-' || b.organizer_id,
    '{MEETING_TYPE.name}-' || b.meeting_type_id, '{PRIVATE_LINK.name}-' || b.link_id], NULL)"""
_LOAD = sql(f"""
    SELECT b.id AS booking_id, b.organizer_id, b.meeting_type_id, b.link_id, b.created_at,
        {IN_DOUBT} AS policy_in_doubt, v.accepted, v.reasons,
        {COLUMNS_JOINED}, {DETAILS_JOINED}, s.*
    FROM bookings b
    LEFT JOIN attendees a ON a.booking_id = b.id
    LEFT JOIN verdicts v ON v.booking_id = b.id AND v.starts_at = b.starts_at
    LEFT JOIN link_details d ON d.link_id = b.link_id
    CROSS JOIN LATERAL ({events_of(_STREAMS)}) AS s
    WHERE b.id = ANY(%(ids)s) ORDER BY b.id
""")  # noqa: S608 -- names of columns and streams, never a value


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingContext:
    """A booking, its organizer's page, its meeting type and link, its verdict and attendee.

    `verdict` is on the booking's own slot. `policy_in_doubt` is whether the administrators may have
    closed the page, and it is not known yet.
    """

    owner: BookingOwner
    booking: BookingAggregate
    page: PageAggregate
    meeting_type: MeetingTypeAggregate
    link: PrivateLinkAggregate | None
    link_details: LinkDetails
    verdict: SlotVerdict
    attendee: AttendeeRecord | None
    created_at: datetime
    now: datetime
    policy_in_doubt: bool = False

    @property
    def key(self) -> str:
        """Return the key under which everything of the organizer is ordered."""
        return str(self.owner.organizer_id)

    @property
    def settings(self) -> Settings:
        """Return the rules that the booking follows: the type's last ones, if it is deleted."""
        return last_settings(self.meeting_type.state)

    @property
    def held_settings(self) -> Settings:
        """Return the type as it was when the time was held: what who holds it is asked."""
        state = self.booking.state
        revision = state.revision if isinstance(state, booking.Held) else None
        return settings_at(self.meeting_type.state, revision)

    @property
    def notice(self) -> Notice:
        """Return what binds an attendee."""
        return notice(self.settings)

    @property
    def is_settled(self) -> bool:
        """Tell whether no verdict is awaited, on the booking's time or on a new one."""
        match self.booking.state:
            case booking.Held():
                return self.verdict.verdict != "pending"
            case state:
                move = booking.pending_move(state, self.now)
                return move is None or move.awaits_approval

    @property
    def counted(self) -> Counted:
        """Return the booking as the limits count it."""
        return Counted(
            booking_id=self.owner.booking_id,
            organizer_id=self.owner.organizer_id,
            meeting_type_id=self.owner.meeting_type_id,
        )

    def times_within_limits(self, slot: Slot, by: Party) -> Sequence[Statement]:
        """Return what refuses the slot beyond the limits; they bind attendees only."""
        zone = page.time_zone(self.page.state)
        within = times_within(self.counted, slot, self.settings, zone)
        return list(within) if by == "attendee" else ()

    def may_move(self, by: Party) -> bool:
        """Tell whether that party may move the meeting, as far as the page is concerned."""
        return not self.policy_in_doubt and offering.may_move(self.page.state, by)

    def may_be_booked(self, by: Party) -> bool:
        """Tell whether that party may book the organizer for this right now."""
        offered = offering.is_offered(self.meeting_type.state, self.page.state, by)
        return offered and not self.policy_in_doubt

    def after(self, change: BookingChange) -> "BookingContext":
        """Return the context as it is once the change is appended."""
        return replace(self, booking=change.after)

    def accepted(self) -> "BookingContext":
        """Return the context with a verdict that accepts the booking's time."""
        return replace(self, verdict=SlotVerdict("accepted"))

    def after_verification(self, change: BookingChange) -> "BookingContext":
        """Return the context with the time held again: a new verdict on it is awaited."""
        return replace(self, booking=change.after, verdict=SlotVerdict("pending"))


async def load_booking(connection: Connection, booking_id: UUID) -> BookingContext:
    """Return the booking with all that belongs to it, in one round trip; raise NotFound."""
    found = await load_bookings(connection, [booking_id])
    if not found:
        raise NotFound("booking")
    return found[0]


async def load_bookings(connection: Connection, ids: Sequence[UUID]) -> list[BookingContext]:
    """Return the bookings with all that belongs to each, by id, in one round trip."""
    return [_context(row) for row in await fetch(connection, _LOAD, ids=list(ids))]


def _context(row: Row) -> BookingContext:
    loaded, link_id = Loaded(row), row["link_id"]
    return BookingContext(
        owner=BookingOwner(
            booking_id=row["booking_id"],
            organizer_id=row["organizer_id"],
            meeting_type_id=row["meeting_type_id"],
            link_id=link_id,
        ),
        booking=loaded.get(BOOKING.stream(row["booking_id"])),
        page=loaded.get(PAGE.stream(row["organizer_id"])),
        meeting_type=loaded.get(MEETING_TYPE.stream(row["meeting_type_id"])),
        link=loaded.find(PRIVATE_LINK.stream(link_id) if link_id else None),
        link_details=joined_details(row),
        verdict=slot_verdict(row["accepted"], row["reasons"]),
        attendee=joined_attendee(row),
        created_at=row["created_at"],
        now=loaded.now,
        policy_in_doubt=row["policy_in_doubt"],
    )

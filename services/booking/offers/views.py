"""Offers as their organizer sees them: each time with what has become of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain import meeting_type, offer, page, private_link
from services.booking.domain.meeting_type import last_settings
from services.booking.domain.offer import OfferState, TimeState, offer_state, time_state
from services.booking.domain.private_link import Addressee
from services.booking.domain.profile import Profile
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Slot
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.offers.records import OfferedTime, OfferRow, offered_times, own_offer
from services.booking.offers.streams import OFFER
from services.booking.page.streams import PAGE
from services.booking.private_links.records import LinkRow, link_rows_with
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.postgres.database import Connection

NOTHING_KNOWN = OfferedTime(status=None, is_taken=False)


@dataclass(frozen=True, slots=True)
class TimeView:
    """One time of an offer, and what has become of it."""

    slot: Slot
    state: TimeState


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """An offer as it stands at a moment."""

    id: UUID
    version: int
    offer: offer.Offer
    state: OfferState
    times: tuple[TimeView, ...]
    addressee: Addressee | None
    title: str
    profile: Profile
    at: datetime


async def view_offer(connection: Connection, id_: UUID, organizer_id: UUID) -> OfferView:
    """Return the organizer's offer; raise NotFound for another's."""
    row = await own_offer(connection, organizer_id, id_)
    if row is None:
        raise NotFound("offer")
    return (await view_offers(connection, organizer_id, [row]))[0]


async def view_offers(
    connection: Connection, organizer_id: UUID, rows: Sequence[OfferRow]
) -> list[OfferView]:
    """Return the organizer's offers as they stand, in three round trips."""
    times = await offered_times(connection, [row.id for row in rows])
    links = await link_rows_with(connection, [row.link_id for row in rows])
    streams = [
        stream
        for row in rows
        for stream in (
            OFFER.stream(row.id),
            PRIVATE_LINK.stream(row.link_id),
            MEETING_TYPE.stream(links[row.link_id].meeting_type_id),
        )
    ]
    page_ = PAGE.stream(organizer_id)
    loaded = await store.load(connection, *dict.fromkeys(streams), page_)
    owner = loaded.get(page_).state
    if not isinstance(owner, page.Page):
        raise NotFound("page")
    found = []
    for row in rows:
        made, link = loaded.get(OFFER.stream(row.id)), links[row.link_id]
        if not isinstance(made.state, offer.Offer):
            raise NotFound("offer")
        ended = private_link.end_reason(
            loaded.get(PRIVATE_LINK.stream(row.link_id)).state, loaded.now
        )
        offered = loaded.get(MEETING_TYPE.stream(link.meeting_type_id)).state
        state = offer_state(made.state, ended)
        found.append(
            OfferView(
                id=row.id,
                version=made.version,
                offer=made.state,
                state=state,
                times=_times(made.state, state, times[row.id], loaded.now),
                addressee=_addressee(link),
                title=_title(offered),
                profile=owner.profile,
                at=loaded.now,
            )
        )
    return found


def _times(
    made: offer.Offer, state: OfferState, known: dict[datetime, OfferedTime], at: datetime
) -> tuple[TimeView, ...]:
    def state_of(slot: Slot) -> TimeState:
        time = known.get(slot.start, NOTHING_KNOWN)
        return time_state(
            slot,
            state,
            at,
            booked=time.status is not None and time.status != "held",
            held=made.held or time.status == "held",
            taken=time.is_taken,
        )

    return tuple(TimeView(slot, state_of(slot)) for slot in made.slots)


def _addressee(link: LinkRow) -> Addressee | None:
    return next(iter(link.details.addressees), None)


def _title(offered: meeting_type.State) -> str:
    return last_settings(offered).title

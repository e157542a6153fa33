"""Commands on offers: making one, with its link and what it holds, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.claims import expired_in_the_way
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.offered_claims import drop_expired_offers
from services.booking.domain import meeting_type, page
from services.booking.domain.offer import MakeOffer, WithdrawOffer
from services.booking.domain.private_link import Addressee, IssueLink, LinkDetails, RevokeLink
from services.booking.domain.private_link.limits import Limits
from services.booking.domain.refusals import NotFound, OfferedTimesTaken
from services.booking.domain.slot import Notice, Slot
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.offers.records import taken_places
from services.booking.offers.streams import OFFER
from services.booking.offers.views import view_offer
from services.booking.page.streams import PAGE
from services.booking.private_links.details import keep_details
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.events.transactions import Transactions
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection
from services.chassis.postgres.faults import ClaimRefused

LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRequest:
    """What an organizer offers: without an end it lasts until its last time begins."""

    offer_id: UUID
    organizer_id: UUID
    meeting_type_id: UUID
    starts: tuple[datetime, ...]
    duration_minutes: int | None
    addressee: Addressee | None
    held: bool
    expires_at: datetime | None


async def make_offer(transactions: Transactions, asked: OfferRequest, minimum_seconds: int) -> None:
    """Make the offer; nothing happens when it is there already.

    Raises:
        NotFound: the meeting type is not the organizer's.
        Invalid: times, length, end or addressee cannot be taken.
        OfferedTimesTaken: somebody has some of the times.
    """
    link_id = new_id()
    while True:
        try:
            await transactions.write(lambda c: _make(c, asked, link_id, minimum_seconds))
        except ClaimRefused as refused:
            if not await transactions.write(lambda c: _release_expired(c, asked)):
                raise OfferedTimesTaken(()) from refused  # somebody was faster by a moment
        else:
            return


async def withdraw_offer(connection: Connection, id_: UUID, organizer_id: UUID) -> None:
    """Take the organizer's offer back: its link ends, and what it holds is free again."""
    view = await view_offer(connection, id_, organizer_id)
    offered, link = OFFER.stream(id_), PRIVATE_LINK.stream(view.offer.link_id)
    loaded = await store.load(connection, offered, link)
    changes: list[AnyChange] = [
        loaded.get(offered).decide(WithdrawOffer()),
        loaded.get(link).decide(RevokeLink(loaded.now)),
    ]
    await store.append(connection, str(organizer_id), changes, at=loaded.now)


async def _make(
    connection: Connection, asked: OfferRequest, link_id: UUID, minimum_seconds: int
) -> None:
    offered, link = OFFER.stream(asked.offer_id), PRIVATE_LINK.stream(link_id)
    type_, page_ = MEETING_TYPE.stream(asked.meeting_type_id), PAGE.stream(asked.organizer_id)
    loaded = await store.load(connection, offered, link, type_, page_)
    if loaded.get(offered).version:
        return  # the request is sent again
    settings = meeting_type.owned_by(loaded.get(type_).state, asked.organizer_id).settings
    if not isinstance(loaded.get(page_).state, page.Page):
        raise NotFound("page")
    length = timedelta(minutes=asked.duration_minutes or settings.duration_minutes)
    slots = tuple(Slot(start, start + length) for start in asked.starts)
    expires_at = asked.expires_at or max(asked.starts, default=loaded.now)
    notice = meeting_type.notice(settings)
    made = loaded.get(offered).decide(
        _make_offer(asked, link_id, slots, expires_at, notice, loaded.now)
    )
    details = LinkDetails(addressees=(asked.addressee,) if asked.addressee else ())
    issued = loaded.get(link).decide(
        _issue_link(asked, details, expires_at, loaded.now, minimum_seconds)
    )
    await _refuse_if_taken(connection, asked.organizer_id, slots, length)
    held = sorted(slots, key=lambda slot: slot.start) if asked.held else ()
    changes: list[AnyChange] = [issued, made, loaded.get(type_).guard()]
    await store.append(
        connection,
        str(asked.organizer_id),
        changes,
        at=loaded.now,
        before=[claims.claim(asked.offer_id, asked.organizer_id, slot) for slot in held],
        after=[keep_details(link_id, asked.organizer_id, details)],
    )


def _make_offer(
    asked: OfferRequest,
    link_id: UUID,
    slots: tuple[Slot, ...],
    expires_at: datetime,
    notice: Notice,
    at: datetime,
) -> MakeOffer:
    return MakeOffer(
        organizer_id=asked.organizer_id,
        meeting_type_id=asked.meeting_type_id,
        link_id=link_id,
        slots=slots,
        held=asked.held,
        expires_at=expires_at,
        notice=notice,
        at=at,
    )


def _issue_link(
    asked: OfferRequest,
    details: LinkDetails,
    expires_at: datetime,
    at: datetime,
    minimum_seconds: int,
) -> IssueLink:
    return IssueLink(
        organizer_id=asked.organizer_id,
        meeting_type_id=asked.meeting_type_id,
        limits=Limits(max_uses=1, expires_at=expires_at, duration_minutes=asked.duration_minutes),
        details=details,
        offer_id=asked.offer_id,
        at=at,
        minimum_seconds=minimum_seconds,
    )


async def _refuse_if_taken(
    connection: Connection, organizer_id: UUID, slots: Sequence[Slot], length: timedelta
) -> None:
    """Raise OfferedTimesTaken for the slots that somebody has; a hold that is over is none."""
    if places := await taken_places(connection, organizer_id, slots, length):
        raise OfferedTimesTaken(tuple(places))


async def _release_expired(connection: Connection, asked: OfferRequest) -> bool:
    """Release what is over but still in the way; False when nothing was."""
    released = False
    for start in asked.starts:
        slot = Slot(start, start + timedelta(minutes=asked.duration_minutes or LONGEST_MINUTES))
        released |= await drop_expired_offers(connection, asked.organizer_id, slot)
        for booking_id in await expired_in_the_way(connection, asked.organizer_id, slot):
            released |= await release_hold(connection, booking_id, "timeout")
    return released

"""Commands on offers: making one, with its link and what it holds, and taking it back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.claims import expired_in_the_way
from services.booking.bookings.commands.claiming import lost_claim
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
from services.chassis.events.retries import with_retries
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What an offer will append."""

    slots: tuple[Slot, ...]
    details: LinkDetails
    changes: list[AnyChange]
    at: datetime


async def make_offer(
    transactions: Transactions,
    asked: OfferRequest,
    minimum_seconds: int,
    refuse_if_not_free: Callable[[Sequence[Slot]], Awaitable[None]],
) -> None:
    """Make the offer; nothing happens when it is there already.

    What is wrong by booking's own rules is said before the calendar is asked.

    Raises:
        NotFound: the meeting type is not the organizer's.
        Invalid: times, length, end or addressee cannot be taken.
        OfferedTimesTaken: somebody has some of the times.
    """
    link_id = new_id()
    plan = await transactions.read(lambda c: _planned(c, asked, link_id, minimum_seconds))
    if plan is None:
        return
    await refuse_if_not_free(plan.slots)

    async def attempt() -> None:
        while True:
            try:
                return await transactions.write(lambda c: _make(c, asked, link_id, minimum_seconds))
            except ClaimRefused as refused:
                if not await transactions.write(lambda c: _release_expired(c, asked)):
                    taken = OfferedTimesTaken(())
                    raise lost_claim(refused, taken, asked.organizer_id) from refused

    await with_retries(attempt)


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
    plan = await _planned(connection, asked, link_id, minimum_seconds)
    if plan is None:
        return
    held = sorted(plan.slots, key=lambda slot: slot.start) if asked.held else ()
    await store.append(
        connection,
        str(asked.organizer_id),
        plan.changes,
        at=plan.at,
        before=[claims.claim(asked.offer_id, asked.organizer_id, slot) for slot in held],
        after=[keep_details(link_id, asked.organizer_id, plan.details)],
    )


async def _planned(
    connection: Connection, asked: OfferRequest, link_id: UUID, minimum_seconds: int
) -> _Plan | None:
    """Return what to append; None when the offer is there already, as the request is sent again."""
    offered, link = OFFER.stream(asked.offer_id), PRIVATE_LINK.stream(link_id)
    type_, page_ = MEETING_TYPE.stream(asked.meeting_type_id), PAGE.stream(asked.organizer_id)
    loaded = await store.load(connection, offered, link, type_, page_)
    if loaded.get(offered).version:
        return None
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
    changes: list[AnyChange] = [issued, made, loaded.get(type_).guard()]
    return _Plan(slots=slots, details=details, changes=changes, at=loaded.now)


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

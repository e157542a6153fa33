"""What booking does about others' events: availability's verdicts, the policy's decisions."""

from collections.abc import Sequence

from contracts.availability import SlotAccepted, SlotRejected
from contracts.envelope import Envelope
from contracts.notifier import MailDataErased
from contracts.policy import (
    AccessGranted,
    AccessWithdrawn,
    OrganizationPolicyChanged,
    PolicyApplied,
    SharingPolicyChanged,
)
from contracts.topics import AVAILABILITY_EVENTS, NOTIFIER_EVENTS, POLICY_EVENTS
from services.booking.attendees import erasure_records
from services.booking.bookings.commands.move import complete_move
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.streams import BOOKING
from services.booking.bookings.verdicts import keep_newest_verdict, keep_verdict
from services.booking.domain.booking import SlotReserved
from services.booking.domain.slot import Slot
from services.booking.page import policy_versions
from services.booking.page.decisions import Denial, allow_pages, deny_pages
from services.booking.store import store
from services.chassis.messaging.subscriptions import Received, Subscription, on, on_all
from services.chassis.postgres.database import Connection, enqueue_all


async def on_slot_accepted(connection: Connection, event: SlotAccepted, envelope: Envelope) -> None:
    """Keep the verdict for the confirmation to come, or complete the move that waits for it."""
    if await _keep(connection, event, envelope) and event.purpose == "reschedule":
        await complete_move(connection, event.booking_id, Slot(event.start, event.end))


async def on_slot_rejected(connection: Connection, event: SlotRejected, envelope: Envelope) -> None:
    """Keep the verdict and release the hold; a rejected move leaves its booking as it was."""
    if await _keep(connection, event, envelope):
        await release_hold(connection, event.booking_id, "rejected", Slot(event.start, event.end))


async def on_access_granted(
    connection: Connection, granted: Sequence[Received[AccessGranted]]
) -> None:
    """Open the pages, as far as the policy is concerned."""
    await allow_pages(connection, {each.event.user_id: each.cause for each in granted})


async def on_access_withdrawn(
    connection: Connection, withdrawn: Sequence[Received[AccessWithdrawn]]
) -> None:
    """Close the pages and release their holds."""
    denials = [Denial(each.event.user_id, each.event.rule, each.cause) for each in withdrawn]
    await deny_pages(connection, denials)


async def on_policy_announced(
    connection: Connection,
    event: OrganizationPolicyChanged | SharingPolicyChanged,
    envelope: Envelope,
) -> None:
    """Keep that pages may be closed of which that is not known yet."""
    if event.policy_version is not None:
        statement = policy_versions.announce(
            event.policy_version, envelope.time, closes_all=event.closes_all
        )
        await enqueue_all(connection, [statement])


async def on_policy_applied(connection: Connection, event: PolicyApplied, _: Envelope) -> None:
    """Keep that it is known of every page whether it is closed."""
    await enqueue_all(connection, [policy_versions.apply(event.policy_version)])


async def on_mail_data_erased(
    connection: Connection, event: MailDataErased, envelope: Envelope
) -> None:
    """Keep notifier's receipt for whoever asked for the erasure."""
    await enqueue_all(connection, [erasure_records.receipt_of(event, envelope)])


async def _keep(
    connection: Connection, event: SlotAccepted | SlotRejected, envelope: Envelope
) -> bool:
    """Keep the verdict; tell whether it is on the newest request: one withdrawn may be repeated."""
    if event.purpose == "new":
        await keep_verdict(connection, event)
        return True  # a booking begins with one request only
    await keep_newest_verdict(connection, event, envelope.causation_id)
    newest = await store.newest(connection, BOOKING.stream(event.booking_id), SlotReserved)
    return envelope.causation_id == str(newest)


SUBSCRIPTIONS = (
    Subscription(
        AVAILABILITY_EVENTS,
        [on(SlotAccepted, on_slot_accepted), on(SlotRejected, on_slot_rejected)],
    ),
    Subscription(
        POLICY_EVENTS,
        [
            on_all(AccessGranted, on_access_granted),
            on_all(AccessWithdrawn, on_access_withdrawn, closes=True),
            on(OrganizationPolicyChanged, on_policy_announced, closes=True),
            on(SharingPolicyChanged, on_policy_announced, closes=True),
            on(PolicyApplied, on_policy_applied),
        ],
    ),
    Subscription(NOTIFIER_EVENTS, [on(MailDataErased, on_mail_data_erased)]),
)

"""Another mail address for the page: a link is mailed there, and proves it once it is opened.

The address is in a row until then, and with notifier for the letter: both go with the request's
end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.attendees.commands import Recipient, forget_person, publish_recipient
from services.booking.domain import page
from services.booking.domain.page_email import (
    ENOUGH,
    EndEmailRequest,
    PageEmailRequestEnded,
    ProveEmail,
    RequestEmail,
)
from services.booking.domain.profile import Profile
from services.booking.domain.refusals import (
    EmailLinkEnded,
    PageMissing,
    StateConflict,
    refuse_if_any,
)
from services.booking.domain.text import email_faults
from services.booking.page import records
from services.booking.page.email_context import EmailContext, WaitingEmail, load_email
from services.booking.page.streams import PageChange
from services.booking.page.views import PageView, view_of
from services.booking.store import store
from services.chassis.postgres.database import Connection, Statement
from services.chassis.text.mail_address import are_same

# How many organizers may wait for one address at a time.
MOST_WAITING = 3


async def waiting_email(connection: Connection, organizer_id: UUID) -> WaitingEmail | None:
    """Return the address that waits for its proof; raise PageMissing."""
    context = await load_email(connection, organizer_id)
    view_of(context.page)
    return context.waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEmail:
    """An address that an organizer asks for; that of their sign-in needs no proof."""

    organizer_id: UUID
    email: str
    signed_in_as: str
    request_id: UUID
    open_for: timedelta


async def request_email(connection: Connection, asked: AskedEmail) -> WaitingEmail | None:
    """Mail a link to the address; None when it is the page's now without a proof.

    Raises:
        Invalid: nothing can be mailed to the address.
        StateConflict: so much was mailed already.
    """
    refuse_if_any(email_faults("/email", asked.email))
    context = await load_email(connection, asked.organizer_id, asked.email)
    profile = view_of(context.page).page.profile
    if are_same(profile.email, asked.email):
        return None
    if are_same(asked.signed_in_as, asked.email):
        await _use_that_of_the_sign_in(connection, context, profile, asked)
        return None
    if context.others >= MOST_WAITING:
        raise StateConflict(ENOUGH)
    expires_at = context.now + asked.open_for
    command = RequestEmail(request_id=asked.request_id, expires_at=expires_at, at=context.now)
    requested = context.page.decide(command)
    recipient = Recipient(
        id=asked.request_id,
        organizer_id=asked.organizer_id,
        email=asked.email,
        time_zone=profile.time_zone,
        locale=profile.locale,
    )
    kept = [
        records.keep_email(asked.organizer_id, asked.request_id, asked.email),
        publish_recipient(recipient, context.now),
    ]
    await _append(connection, asked.organizer_id, requested, context.now, kept)
    return WaitingEmail(
        request_id=asked.request_id,
        email=asked.email,
        requested_at=context.now,
        expires_at=expires_at,
    )


async def _use_that_of_the_sign_in(
    connection: Connection, context: EmailContext, profile: Profile, asked: AskedEmail
) -> None:
    ended = context.page.decide(EndEmailRequest(reason="withdrawn", at=context.now))
    used = page.ChangePage(replace(profile, email=asked.signed_in_as, email_proven=False))
    changed = ended.then(used)
    forgotten = [records.forget_email(asked.organizer_id)]
    await _append(connection, asked.organizer_id, changed, context.now, forgotten)


async def withdraw_email(connection: Connection, organizer_id: UUID) -> None:
    """End what waits for its proof; nothing happens when nothing does."""
    context = await load_email(connection, organizer_id)
    ended = context.page.decide(EndEmailRequest(reason="withdrawn", at=context.now))
    await _append(connection, organizer_id, ended, context.now)


async def expire_email(connection: Connection, key: str) -> None:
    """End the request when its time has passed: what its timer fires."""
    organizer_id = UUID(key)
    context = await load_email(connection, organizer_id)
    ended = context.page.decide(EndEmailRequest(reason="expired", at=context.now))
    await _append(connection, organizer_id, ended, context.now)


async def email_to_prove(
    connection: Connection, organizer_id: UUID, request_id: UUID
) -> WaitingEmail:
    """Return what the mailed link proves; raise EmailLinkEnded, PageMissing.

    The link is its organizer's only: whoever else gets it proves nothing with it.
    """
    return _proven_by(await load_email(connection, organizer_id), request_id)


async def prove_email(connection: Connection, organizer_id: UUID, request_id: UUID) -> PageView:
    """Use the proven address from now on; raise EmailLinkEnded, PageMissing."""
    context = await load_email(connection, organizer_id)
    found = _proven_by(context, request_id)
    command = ProveEmail(request_id=request_id, email=found.email, at=context.now)
    proven = context.page.decide(command)
    await _append(connection, organizer_id, proven, context.now)
    return view_of(proven.after)


def _proven_by(context: EmailContext, request_id: UUID) -> WaitingEmail:
    if not isinstance(context.page.state, page.Page):
        raise PageMissing
    found = context.waiting
    if found is None or found.request_id != request_id:
        raise EmailLinkEnded
    return found


async def _append(
    connection: Connection,
    organizer_id: UUID,
    change: PageChange,
    at: datetime,
    kept: Sequence[Statement] | None = None,
) -> None:
    """Append, if anything happened; without anything to keep, no address waits any more."""
    forgotten = [records.forget_email(organizer_id)] if kept is None else kept
    after = [*_forgetting(change.events, at), *forgotten]
    await store.append(connection, str(organizer_id), [change], at=at, after=after)


def _forgetting(events: Sequence[page.Event], at: datetime) -> list[Statement]:
    """Return what has subscribers drop the addresses of the requests that end."""
    ended = [each.request_id for each in events if isinstance(each, PageEmailRequestEnded)]
    return [statement for id_ in ended for statement in forget_person(id_, at)]

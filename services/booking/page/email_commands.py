"""Another mail address for the page: a link is mailed there, and proves it once it is opened.

The address is in a row until then, and with notifier for the letter: both go with the request's
end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
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
from services.booking.domain.refusals import (
    EmailLinkEnded,
    PageMissing,
    StateConflict,
    refuse_if_any,
)
from services.booking.domain.text import email_faults
from services.booking.page import records
from services.booking.page.streams import PAGE, PageChange
from services.booking.page.views import PageView, view_of
from services.booking.store import store
from services.chassis.postgres.database import Connection, Statement
from services.chassis.text.mail_address import same_address

# How many organizers may wait for one address at a time.
MOST_WAITING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEmail:
    """An address that is not proven yet, and until when its link proves it."""

    request_id: UUID
    email: str
    requested_at: datetime
    expires_at: datetime


async def waiting_email(connection: Connection, organizer_id: UUID) -> WaitingEmail | None:
    """Return the address that waits for its proof; raise PageMissing."""
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    state = view_of(loaded.get(stream)).page
    return await _waiting(connection, state, loaded.now)


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
    organizer_id, email, request_id = asked.organizer_id, asked.email, asked.request_id
    refuse_if_any(email_faults("/email", email))
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    view = view_of(loaded.get(stream))
    profile = view.page.profile
    if _is_same(profile.email, email):
        return None
    if _is_same(asked.signed_in_as, email):
        await _use_that_of_the_sign_in(connection, organizer_id, asked.signed_in_as)
        return None
    if await records.others_waiting(connection, organizer_id, email) >= MOST_WAITING:
        raise StateConflict(ENOUGH)
    expires_at = loaded.now + asked.open_for
    command = RequestEmail(request_id=request_id, expires_at=expires_at, at=loaded.now)
    requested = loaded.get(stream).decide(command)
    if requested.events:
        recipient = Recipient(
            id=request_id,
            organizer_id=organizer_id,
            email=email,
            time_zone=profile.time_zone,
            locale=profile.locale,
        )
        after = [
            *_forgetting(requested.events, loaded.now),
            records.keep_email(organizer_id, request_id, email),
            publish_recipient(recipient, loaded.now),
        ]
        await store.append(connection, str(organizer_id), [requested], at=loaded.now, after=after)
    return WaitingEmail(
        request_id=request_id, email=email, requested_at=loaded.now, expires_at=expires_at
    )


async def _use_that_of_the_sign_in(connection: Connection, organizer_id: UUID, email: str) -> None:
    await withdraw_email(connection, organizer_id)
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    profile = view_of(loaded.get(stream)).page.profile
    command = page.ChangePage(replace(profile, email=email, email_proven=False))
    changed = loaded.get(stream).decide(command)
    await store.append(connection, str(organizer_id), [changed], at=loaded.now)


def _is_same(one: str, other: str) -> bool:
    return not set(same_address(one)).isdisjoint(same_address(other))


async def withdraw_email(connection: Connection, organizer_id: UUID) -> None:
    """End what waits for its proof; nothing happens when nothing does."""
    await _end(connection, organizer_id, "withdrawn")


async def expire_email(connection: Connection, key: str) -> None:
    """End the request when its time has passed: what its timer fires."""
    await _end(connection, UUID(key), "expired")


async def email_to_prove(
    connection: Connection, organizer_id: UUID, request_id: UUID
) -> WaitingEmail:
    """Return what the mailed link proves; raise EmailLinkEnded, PageMissing.

    The link is its organizer's only: whoever else gets it proves nothing with it.
    """
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    state = loaded.get(stream).state
    if not isinstance(state, page.Page):
        raise PageMissing
    found = await _waiting(connection, state, loaded.now)
    if found is None or found.request_id != request_id:
        raise EmailLinkEnded
    return found


async def prove_email(connection: Connection, organizer_id: UUID, request_id: UUID) -> PageView:
    """Use the proven address from now on; raise EmailLinkEnded, PageMissing."""
    found = await email_to_prove(connection, organizer_id, request_id)
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    command = ProveEmail(request_id=request_id, email=found.email, at=loaded.now)
    proven = loaded.get(stream).decide(command)
    await _append(connection, organizer_id, proven, loaded.now)
    return view_of(proven.after)


async def _end(
    connection: Connection, organizer_id: UUID, reason: Literal["withdrawn", "expired"]
) -> None:
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    ended = loaded.get(stream).decide(EndEmailRequest(reason=reason, at=loaded.now))
    await _append(connection, organizer_id, ended, loaded.now)


async def _append(
    connection: Connection, organizer_id: UUID, change: PageChange, at: datetime
) -> None:
    if change.events:
        forgetting = [records.forget_email(organizer_id), *_forgetting(change.events, at)]
        await store.append(connection, str(organizer_id), [change], at=at, after=forgetting)


def _forgetting(events: Sequence[page.Event], at: datetime) -> list[Statement]:
    """Return what has subscribers drop the addresses of the requests that end."""
    ended = [each.request_id for each in events if isinstance(each, PageEmailRequestEnded)]
    return [statement for id_ in ended for statement in forget_person(id_, at)]


async def _waiting(connection: Connection, state: page.Page, at: datetime) -> WaitingEmail | None:
    waiting = state.email_requests.waiting
    if waiting is None or at >= waiting.expires_at:
        return None
    email = await records.waiting_email(connection, state.organizer_id, waiting.request_id)
    if email is None:
        return None
    return WaitingEmail(
        request_id=waiting.request_id,
        email=email,
        requested_at=waiting.requested_at,
        expires_at=waiting.expires_at,
    )

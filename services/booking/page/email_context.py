"""What the commands on a page's mail address read: the page, and what waits for its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain import page
from services.booking.page.streams import PAGE, PageAggregate
from services.chassis.events.loading import Loaded, events_of
from services.chassis.postgres.database import Connection, fetch_one, sql
from services.chassis.text.mail_address import same_address

_LOAD = sql(f"""
    SELECT e.request_id, e.email, (
        SELECT count(*) FROM page_emails o
        WHERE o.organizer_id <> %(organizer_id)s AND lower(o.email) = ANY(%(forms)s::text[])
    ) AS others, s.*
    FROM ({events_of("ARRAY[%(stream)s::text]")}) AS s
    LEFT JOIN page_emails e ON e.organizer_id = %(organizer_id)s
""")  # noqa: S608 -- the name of a parameter, never a value


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEmail:
    """An address that is not proven yet, and until when its link proves it."""

    request_id: UUID
    email: str
    requested_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailContext:
    """A page with the address that its newest request is about, at the store's `now`.

    `others` is how many other organizers wait for the proof of the address that was asked about.
    """

    page: PageAggregate
    request_id: UUID | None
    email: str | None
    others: int
    now: datetime

    @property
    def waiting(self) -> WaitingEmail | None:
        """Return what the newest link still proves."""
        state = self.page.state
        waiting = state.email_requests.waiting if isinstance(state, page.Page) else None
        if waiting is None or self.now >= waiting.expires_at:
            return None
        if self.email is None or self.request_id != waiting.request_id:
            return None
        return WaitingEmail(
            request_id=waiting.request_id,
            email=self.email,
            requested_at=waiting.requested_at,
            expires_at=waiting.expires_at,
        )


async def load_email(
    connection: Connection, organizer_id: UUID, email: str | None = None
) -> EmailContext:
    """Return what is to be known about the page's address, in one round trip."""
    stream = PAGE.stream(organizer_id)
    forms: Sequence[str] = same_address(email) if email else ()
    row = await fetch_one(
        connection, _LOAD, stream=stream.name, organizer_id=organizer_id, forms=list(forms)
    )
    assert row is not None
    loaded = Loaded(row)
    return EmailContext(
        page=loaded.get(stream),
        request_id=row["request_id"],
        email=row["email"],
        others=row["others"],
        now=loaded.now,
    )

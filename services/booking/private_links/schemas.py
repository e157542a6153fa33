"""The shapes of a private link, field by field as outsiders rely on them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from services.booking.domain.private_link import LinkState
from services.booking.domain.private_link.limits import (
    LONGEST,
    LONGEST_LABEL,
    Limits,
    number_faults,
)
from services.booking.domain.text import line_faults
from services.booking.private_links.views import LinkView
from services.booking.schemas import TRIMMED, Body, Patch, ruled, typed
from services.booking.tokens import Tokens
from services.chassis.http.instants import Instant
from services.chassis.http.listing import Identified


def _in_the_future(instant: datetime) -> datetime:
    """Refuse what is far off with the other faults; the store's clock decides about the rest."""
    now = datetime.now(UTC)
    if instant <= now:
        raise ValueError("must be in the future")
    if instant - now > LONGEST:
        raise ValueError(f"must be at most {LONGEST.days} days from now")
    return instant


Label = Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_LABEL, needed=False)]
MaxUses = Annotated[int | None, ruled(number_faults)]
Deadline = Annotated[Instant, AfterValidator(_in_the_future)]


class LinkBody(Body):
    """A private link to issue: `max_uses` 1 is single use, null any number."""

    label: Label = ""
    max_uses: MaxUses = None
    expires_at: Deadline | None = None


class LinkPatch(Patch):
    """The fields to change; the others stay. `max_uses` null is any number."""

    EMPTIABLE = frozenset({"max_uses"})

    label: Label | None = None
    max_uses: MaxUses = None
    expires_at: Deadline | None = None


class LinkResponse(Identified):
    """A private link as its organizer sees it."""

    meeting_type_id: UUID
    label: str
    max_uses: int | None
    uses: int
    expires_at: datetime
    state: LinkState
    token: str
    url: str
    version: int


def limits_of(body: LinkBody, default_days: int, at: datetime) -> Limits:
    """Return the limits of a new link; without `expires_at` it lives for the default days."""
    expires_at = body.expires_at
    return Limits(
        max_uses=body.max_uses,
        expires_at=expires_at or at + timedelta(days=default_days),
        label=body.label,
    )


def changed(limits: Limits, body: LinkPatch) -> Limits:
    """Return the limits with the fields that the body names."""
    return replace(limits, **{name: getattr(body, name) for name in body.model_fields_set})


def link_response(view: LinkView, tokens: Tokens) -> LinkResponse:
    """Return the link as its organizer sees it, with the token that opens it."""
    limits = view.link.limits
    return LinkResponse(
        id=view.id,
        meeting_type_id=view.link.meeting_type_id,
        label=limits.label,
        max_uses=limits.max_uses,
        uses=len(view.link.consumed),
        expires_at=limits.expires_at,
        state=view.state,
        token=tokens.link(view.id),
        url=tokens.link_url(view.id),
        version=view.version,
    )

"""The shapes of a private link, field by field as outsiders rely on them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.booking.domain.private_link import Addressee, LinkDetails, LinkState
from services.booking.domain.private_link.details import (
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_REFERENCE,
    MOST_ADDRESSEES,
)
from services.booking.domain.private_link.limits import (
    LONGEST,
    Limits,
    duration_faults,
    number_faults,
)
from services.booking.domain.text import line_faults
from services.booking.private_links.views import LinkView
from services.booking.schemas import TRIMMED, Body, MailAddress, Patch, ruled, typed
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
Reference = Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_REFERENCE, needed=False)]
MaxUses = Annotated[int | None, ruled(number_faults)]
Minutes = Annotated[int | None, ruled(duration_faults)]
Deadline = Annotated[Instant, AfterValidator(_in_the_future)]


class AddresseeBody(Body):
    """Somebody who may book with the link; others may not."""

    name: Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_NAME, needed=False)] = ""
    email: MailAddress


Addressees = Annotated[tuple[AddresseeBody, ...], Field(max_length=MOST_ADDRESSEES)]


class LinkBody(Body):
    """A private link to issue: `max_uses` 1 is single use, null any number."""

    label: Label = ""
    reference: Reference = ""
    max_uses: MaxUses = None
    not_before: Instant | None = None
    expires_at: Deadline | None = None
    duration_minutes: Minutes = None
    addressees: Addressees = ()


class LinkPatch(Patch):
    """The fields to change; the others stay. `max_uses` null is any number."""

    EMPTIABLE = frozenset({"max_uses", "not_before", "duration_minutes"})

    label: Label | None = None
    reference: Reference | None = None
    max_uses: MaxUses = None
    not_before: Instant | None = None
    expires_at: Deadline | None = None
    duration_minutes: Minutes = None
    addressees: Addressees | None = None


class AddresseeResponse(BaseModel):
    """Somebody who may book with the link; `url` opens it with their name and address filled in."""

    name: str
    email: str
    url: str


class LinkResponse(Identified):
    """A private link as its organizer sees it."""

    meeting_type_id: UUID
    offer_id: UUID | None
    label: str
    reference: str
    max_uses: int | None
    uses: int
    last_used_at: datetime | None
    not_before: datetime | None
    expires_at: datetime
    duration_minutes: int | None
    addressees: list[AddresseeResponse]
    for_addressees_only: bool
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
        not_before=body.not_before,
        duration_minutes=body.duration_minutes,
    )


def details_of(body: LinkBody) -> LinkDetails:
    """Return what is noted about a new link, and whom it is for."""
    return LinkDetails(
        label=body.label, reference=body.reference, addressees=_people(body.addressees)
    )


def changed(limits: Limits, details: LinkDetails, body: LinkPatch) -> tuple[Limits, LinkDetails]:
    """Return the limits and the notes with the fields that the body names."""
    asked = {name: getattr(body, name) for name in body.model_fields_set}
    if "addressees" in asked:
        asked["addressees"] = _people(asked["addressees"])
    noted = {name: asked.pop(name) for name in _NOTED & asked.keys()}
    return replace(limits, **asked), replace(details, **noted)


def link_response(view: LinkView, tokens: Tokens) -> LinkResponse:
    """Return the link as its organizer sees it, with the token that opens it."""
    limits, details, url = view.link.limits, view.details, tokens.link_url(view.id)
    return LinkResponse(
        id=view.id,
        meeting_type_id=view.link.meeting_type_id,
        offer_id=view.link.offer_id,
        label=details.label,
        reference=details.reference,
        max_uses=limits.max_uses,
        uses=len(view.link.consumed),
        last_used_at=view.last_used_at,
        not_before=limits.not_before,
        expires_at=limits.expires_at,
        duration_minutes=limits.duration_minutes,
        addressees=[
            AddresseeResponse(
                name=each.name,
                email=each.email,
                url=f"{url}?{urlencode({'name': each.name, 'email': each.email})}",
            )
            for each in details.addressees
        ],
        for_addressees_only=limits.for_addressees,
        state=view.state,
        token=tokens.link(view.id),
        url=url,
        version=view.version,
    )


_NOTED = {"label", "reference", "addressees"}


def _people(bodies: Sequence[AddresseeBody]) -> tuple[Addressee, ...]:
    return tuple(Addressee(name=each.name, email=each.email) for each in bodies)

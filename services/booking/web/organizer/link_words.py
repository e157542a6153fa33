"""Private links in words: what state they are in, how long they last, who has used them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.booking.attendees.records import names_of
from services.booking.private_links.views import LinkView
from services.booking.web.organizer.desk import Desk
from services.chassis.postgres.database import Connection

TONES = {"active": "good", "held": "accent", "consumed": "", "expired": "", "revoked": ""}
# No more people are named as those who have used a link.
MOST_NAMED = 3
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """A private link as the list shows it; `lines` are sentences about it."""

    id: str
    path: str
    label: str
    url: str
    state: str
    tone: str
    living: bool
    people: str
    lines: Sequence[str]


async def names_behind(connection: Connection, views: Sequence[LinkView]) -> Mapping[UUID, str]:
    """Return the names of who booked with the links, by booking; the erased are not there."""
    used = [booking for view in views for booking in sorted(view.link.consumed)[-MOST_NAMED:]]
    return await names_of(connection, used) if used else {}


def link_card(desk: Desk, view: LinkView, names: Mapping[UUID, str], zone: str) -> LinkCard:
    """Return the link in words."""
    return LinkCard(
        id=str(view.id),
        path=desk.link(f"/organizer/links/{view.id}"),
        label=view.details.label,
        url=desk.parts.tokens.link_url(view.id),
        state=f"organizer.link.state.{view.state}",
        tone=TONES[view.state],
        living=view.state in ("active", "held"),
        people=", ".join(each.name or each.email for each in view.details.addressees),
        lines=[*_lasts(desk, view, zone), *_used(desk, view, names, zone)],
    )


def _lasts(desk: Desk, view: LinkView, zone: str) -> Sequence[str]:
    limits, clock = view.link.limits, desk.visit.clock(zone)
    say = desk.visit.reader.language.say
    if view.state in ("consumed", "revoked"):
        return []
    if view.state == "expired":
        return [say("organizer.link.expired", when=clock.moment(limits.expires_at))]
    lines = []
    if limits.not_before and limits.not_before > view.at:
        lines.append(say("organizer.link.opens", when=clock.moment(limits.not_before)))
    left = limits.expires_at - view.at
    unit, length = ("days", DAY) if left >= 2 * DAY else ("hours", HOUR)
    count = max(1, left // length)
    key = f"organizer.link.expires.{unit}" if count > 1 else "organizer.link.expires.soon"
    lines.append(say(key, count=count, when=clock.moment(limits.expires_at)))
    return lines


def _used(desk: Desk, view: LinkView, names: Mapping[UUID, str], zone: str) -> Sequence[str]:
    say, limits = desk.visit.reader.language.say, view.link.limits
    uses, most = len(view.link.consumed), limits.max_uses
    if not uses:
        return [say("organizer.link.single")] if most == 1 else [_left(desk, uses, most)]
    when = desk.visit.clock(zone).moment(view.last_used_at or view.at)
    used_by = [names[each] for each in sorted(view.link.consumed) if each in names]
    who = ", ".join(used_by[-MOST_NAMED:])
    line = (
        say("organizer.link.used.by", who=who, when=when)
        if who
        else say("organizer.link.used", when=when)
    )
    return [line] if most == 1 else [line, _left(desk, uses, most)]


def _left(desk: Desk, uses: int, most: int | None) -> str:
    say = desk.visit.reader.language.say
    if most is None:
        return say("organizer.link.uses.any", uses=uses)
    return say("organizer.link.uses", uses=uses, most=most)

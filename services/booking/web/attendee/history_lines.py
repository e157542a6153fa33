"""What has happened to a booking, in the attendee's language: what, who, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.booking.history.views import Entry, Move, view_history
from services.booking.parts import Parts
from services.booking.web.attendee.booking_visit import BookingVisit

# That a time was held for a while is nobody's question afterwards.
TOLD = frozenset(
    (
        "AddressVerified",
        "BookingRequested",
        "BookingDeclined",
        "BookingConfirmed",
        "RequestRescheduled",
        "RescheduleApprovalRequested",
        "RescheduleDeclined",
        "BookingRescheduled",
        "RescheduleRequested",
        "BookingDetailsChanged",
        "BookingCancelled",
        "DataErased",
    )
)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """`what` is the key of the phrase, which names `who` did it, and the times of a move.

    `theirs` are these times on the organizer's clock, where it shows others.
    """

    what: str
    who: str
    when: str
    why: str
    old: str = ""
    new: str = ""
    theirs: str = ""


async def history_lines(
    parts: Parts, visited: BookingVisit, organizer: str
) -> Sequence[HistoryLine]:
    """Return the lines, oldest first."""
    entries = await parts.transactions.read(lambda c: view_history(c, visited.id))
    return [_line(visited, each, organizer) for each in entries if each.event in TOLD]


def _line(visited: BookingVisit, entry: Entry, organizer: str) -> HistoryLine:
    say, move = visited.visit.reader.language.say, entry.move
    line = HistoryLine(
        what=f"history.{entry.event}",
        who=say(f"history.by.{entry.actor.by}", organizer=organizer),
        when=visited.clock.moment(entry.at),
        why=entry.why or "",
    )
    if move is None:
        return line
    old, new = (visited.clock.when(each.start, each.end) for each in (move.old, move.new))
    return replace(line, old=old, new=new, theirs=_on_their_clock(visited, move, organizer))


def _on_their_clock(visited: BookingVisit, move: Move, organizer: str) -> str:
    """Return both times as the organizer's clock shows them, if it shows others."""
    new, theirs = visited.theirs_at(move.new), visited.their_clock
    if not new:
        return ""
    same = theirs.offset(move.old.start) == theirs.offset(move.new.start)
    old = (theirs.when if same else theirs.when_with_zone)(move.old.start, move.old.end)
    say = visited.visit.reader.language.say
    return say("history.theirs", organizer=organizer, old=old, new=new)

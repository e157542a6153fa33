"""How an entry says that its owner spends the time: one table for all providers."""

from collections.abc import Mapping

from services.availability.calendars.port import BusyKind

# X-MICROSOFT-CDO-BUSYSTATUS ([MS-OXCICAL] 2.1.3.1.1.20.31); it says more than TRANSP, so it wins.
OUTLOOK: Mapping[str, BusyKind] = {
    "FREE": "free",
    "TENTATIVE": "tentative",
    "BUSY": "busy",
    "OOF": "out_of_office",
    "WORKINGELSEWHERE": "working_elsewhere",
}
# FBTYPE of a FREEBUSY line (RFC 5545, 3.2.9).
FREE_BUSY: Mapping[str, BusyKind] = {
    "FREE": "free",
    "BUSY": "busy",
    "BUSY-UNAVAILABLE": "out_of_office",
    "BUSY-TENTATIVE": "tentative",
}
# PARTSTAT of the calendar's owner: an invitation that is not answered may become a meeting.
_UNSURE = frozenset({"NEEDS-ACTION", "TENTATIVE"})


def kind_of(*, transparency: str, status: str, outlook: str, own_answer: str) -> BusyKind | None:
    """Return how the time is spent, None for an entry that takes none.

    An entry that was cancelled, or that the calendar's owner declined, takes nothing. What says
    nothing we know is busy.
    """
    if status == "CANCELLED" or own_answer == "DECLINED":
        return None
    if outlook:
        return OUTLOOK.get(outlook, "busy")
    if transparency == "TRANSPARENT":
        return "free"
    if status == "TENTATIVE" or own_answer in _UNSURE:
        return "tentative"
    return "busy"

"""The query parameters of availability's routes, read into values; every fault is named at once."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from contracts.problem_types import INVALID
from services.availability.offers import LONGEST_PERIOD, Period
from services.chassis.http import instants
from services.chassis.http.faults import pointer_to
from services.chassis.http.problems import Problem
from services.chassis.web.zones import zone_named

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def period_of(start: str, end: str, time_zone: str) -> Period:
    """Return the time that is asked about; raise `invalid`."""
    zone, faults = zone_named(time_zone), {}
    if zone is None:
        faults["time_zone"] = "Must be an IANA time zone such as Europe/Copenhagen."
    first = _instant_or_date(start, zone or UTC)
    last = _instant_or_date(end, zone or UTC)
    faults |= {
        name: f"Must be an RFC 3339 instant such as {instants.EXAMPLE}, or a date."
        for name, found in (("from", first), ("to", last))
        if found is None
    }
    if first and last and last <= first:
        faults["to"] = "Must be after from."
    elif first and last and last - first > LONGEST_PERIOD + timedelta(hours=2):  # a clock change
        faults["to"] = "Must be at most 62 days after from."
    if zone is None or first is None or last is None or faults:
        raise _invalid(faults)
    return Period(first, last, zone)


def instant_of(text: str, name: str) -> datetime:
    """Return the RFC 3339 instant; raise `invalid`."""
    found = _instant(text)
    if found is None:
        raise _invalid({name: f"Must be an RFC 3339 instant such as {instants.EXAMPLE}."})
    return found


def _instant(text: str) -> datetime | None:
    return instants.instant_of(text.replace(" ", "+"))  # a plus sign that was not escaped


def _instant_or_date(text: str, zone: tzinfo) -> datetime | None:
    """Return the instant, or a date's midnight in the zone."""
    if not _DATE.fullmatch(text):
        return _instant(text)
    try:
        return instants.within_reach(datetime.combine(date.fromisoformat(text), time(), zone))
    except ValueError:
        return None


def _invalid(faults: dict[str, str]) -> Problem:
    errors = [
        {"pointer": pointer_to("query", name), "detail": detail} for name, detail in faults.items()
    ]
    return Problem(INVALID, "Correct the parameters that are named and ask again.", errors=errors)

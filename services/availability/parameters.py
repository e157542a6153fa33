"""The query parameters of availability's routes, read into values; faults name the parameter."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from contracts.problem_types import INVALID
from services.availability.offers import LONGEST_PERIOD, Period
from services.chassis.http.problems import Problem
from services.chassis.web.zones import zone_named

LAST_YEAR = 2200


def period_of(start: str, end: str, time_zone: str) -> Period:
    """Return the time that is asked about."""
    zone = zone_named(time_zone)
    if zone is None:
        raise _invalid("time_zone", "must be an IANA time zone such as Europe/Copenhagen")
    period = Period(instant_of(start, "from", zone), instant_of(end, "to", zone), zone)
    if period.end <= period.start:
        raise _invalid("to", "must be after from")
    if period.end - period.start > LONGEST_PERIOD + timedelta(hours=2):  # for a clock change
        raise _invalid("to", "must be at most 62 days after from")
    return period


def instant_of(text: str, name: str, zone: tzinfo) -> datetime:
    """Return the RFC 3339 instant, or a date's midnight in the zone."""
    try:
        if len(text) == len("2026-01-01"):
            instant = datetime.combine(date.fromisoformat(text), time(), zone)
        else:
            instant = datetime.fromisoformat(text.replace(" ", "+"))
        if instant.tzinfo is None:
            raise _invalid(name, "needs an offset from UTC, such as Z")
        if not 1970 < instant.year < LAST_YEAR:
            raise _invalid(name, "must be in the lifetime of somebody who reads this")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid(name, "must be an RFC 3339 instant or a date") from error


def _invalid(name: str, detail: str) -> Problem:
    fault = {"pointer": f"#/query/{name}", "detail": detail}
    return Problem(INVALID, f"{name} {detail}.", errors=[fault])

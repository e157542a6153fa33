"""Is the audit whole: its chain, the columns it is found by, and the events that it tells of.

It is read in pages, each of which begins where the one before has ended: a page is a request of its
own, whatever the number of records.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from prometheus_client import Counter

from services.chassis.postgres.database import Connection, Row, fetch, sql
from services.policy.domain.audit_chain import AuditFault, Checked, Head, Link, check, check_end

log = structlog.get_logger(__name__)

FAULTS = Counter("bookwith_policy_audit_faults_total", "What verifying the audit has found broken")
# Events that follow from changes: see the trigger in migrations/0005, which has the same list.
DECISIONS = ("AccessGranted", "AccessWithdrawn", "PolicyApplied")
# The columns that records are found by, and their names in the record.
FOUND_BY = {"id": "id", "at": "time", "outcome": "outcome", "who": "who", "what": "what"}
FOUND_BY |= {"whom": "whom"}
MOST_UNRECORDED = 100

_PAGE = sql("""
    SELECT a.number, a.record, a.digest, a.id::text AS id, a.at, a.outcome, a.who, a.what, a.whom,
        e.type, e.stream, e.version, e.data::text AS data, audit_time(e.time) AS event_time
    FROM audit a LEFT JOIN events e ON e.id = a.id
    WHERE a.number > %(after)s ORDER BY a.number LIMIT %(limit)s
""")
_UNRECORDED = sql("""
    SELECT e.id::text AS id, e.type, e.stream, e.version, audit_time(e.time) AS event_time
    FROM events e
    WHERE e.type <> ALL(%(decisions)s) AND NOT EXISTS (SELECT FROM audit a WHERE a.id = e.id)
    ORDER BY e.time, e.id LIMIT %(limit)s
""")


async def verify(
    connection: Connection, after: Head, written_down: Head | None, limit: int
) -> tuple[Checked, bool]:
    """Check the next records behind the head; tell whether there are more behind them."""
    rows = await fetch(connection, _PAGE, after=after.number, limit=limit + 1)
    page, more = rows[:limit], len(rows) > limit
    links = [Link(row["number"], row["record"], bytes(row["digest"])) for row in page]
    checked = check(links, after, written_down)
    faults = [*checked.faults, *_disagreements(page)]
    checked = replace(checked, faults=tuple(sorted(faults, key=lambda each: each.number or 0)))
    if not more:
        checked = check_end(checked, written_down).with_faults(await _unrecorded(connection))
    _note(checked, more=more)
    return checked, more


def _note(checked: Checked, *, more: bool) -> None:
    FAULTS.inc(len(checked.faults))
    if checked.faults:
        first = checked.faults[0]
        log.error(
            "audit_broken",
            faults=len(checked.faults),
            first_number=first.number,
            first_time=first.time,
            first=first.detail,
        )
    if not more:
        log.info("audit_verified", head=str(checked.head))


async def _unrecorded(connection: Connection) -> list[AuditFault]:
    """Return the changes among the stored events that are in no record."""
    rows = await fetch(connection, _UNRECORDED, decisions=list(DECISIONS), limit=MOST_UNRECORDED)
    return [
        AuditFault(None, row["event_time"], f"{_named(row)} ({row['id']}) is in no record")
        for row in rows
    ]


def _disagreements(rows: Sequence[Row]) -> Iterator[AuditFault]:
    """Return what records say otherwise than the columns beside them or their events."""
    for row in rows:
        try:
            record = json.loads(row["record"])
        except ValueError:
            continue  # the chain names it
        wrong = [name for name, inside in FOUND_BY.items() if row[name] != record.get(inside)]
        if wrong:
            detail = f"is found by {', '.join(wrong)} that its text does not have"
            yield AuditFault(row["number"], row["at"], detail)
        if record.get("outcome") == "made" and (detail := _of_event(row, record)):
            yield AuditFault(row["number"], row["at"], detail)


def _of_event(row: Row, record: Mapping[str, Any]) -> str:
    told = record.get("event") or {}
    if row["type"] is None:
        return f"its event, {_named(told)}, is not among the stored events"
    stored = {name: row[name] for name in ("type", "stream", "version")}
    stored["data"] = json.loads(row["data"])
    if told != stored or record.get("time") != row["event_time"]:
        return f"its event, {_named(row)}, is stored with another content"
    return ""


def _named(event: Mapping[str, Any]) -> str:
    return f"{event.get('type')} of {event.get('stream')}, version {event.get('version')}"

"""Batches of an import: as many users as one request may hold, sent so that each counts once."""

import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.operations.http_client import Answer
from services.operations.policy.access import PolicyApi, errors_of, refusal
from services.operations.policy.change import Consent, refuse
from services.operations.policy.import_progress import new_import_id
from services.operations.policy.user_file import Fault, Row

MOST_USERS, MOST_BYTES = 500, 56 * 1024
MOST_FAULTS = 100
_TRIES, _LONGEST_WAIT_SECONDS = 6, 10.0
_ROW = re.compile(r"#/users/(\d+)/?(.*)")


@dataclass(slots=True)
class Sum:
    """What the batches have come to so far."""

    users: int = 0
    enabled: int = 0
    disabled: int = 0
    gains: int = 0
    losses: int = 0
    remaining: int = 0
    gaining: list[str] = field(default_factory=list)
    losing: list[str] = field(default_factory=list)
    warnings: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, answer: dict[str, Any], users: int) -> None:
        """Add what a batch was answered: a plan, or what was done."""
        self.users += users
        for name in ("enabled", "disabled", "gains", "losses", "remaining"):
            setattr(self, name, getattr(self, name) + answer.get(name, 0))
        self.gaining += answer.get("gaining", ())
        self.losing += answer.get("losing", ())
        self.warnings |= {each["detail"]: each for each in answer.get("warnings", ())}


def batches_of(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Return the rows in batches, the same ones each time."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        length = len(json.dumps(row.body)) + 2
        if batch and (len(batch) == MOST_USERS or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends batches of one import in one administrator's name."""

    api: PolicyApi
    import_id: str
    consent: Consent

    def send(self, rows: Sequence[Row], total: Sum, *, dry_run: bool) -> None:
        """Send the rows; those that are refused are noted, and the others sent without them."""
        left = list(rows)
        while left and len(total.faults) < MOST_FAULTS:
            answer = self._call(left, dry_run=dry_run)
            faults = _faults(answer, left)
            if not faults:
                refuse(answer, self.consent)
                total.add(answer.json(), len(left))
                return
            total.faults += faults
            lines = {fault.line for fault in faults}
            left = [row for row in left if row.line not in lines]

    def _call(self, rows: Sequence[Row], *, dry_run: bool) -> Answer:
        body: dict[str, object] = {
            "users": [row.body for row in rows],
            "reason": self.consent.reason,
        }
        if not dry_run:
            body["confirm"] = self.consent.yes
        key = hashlib.sha256(f"{self.import_id}\n{json.dumps(body)}".encode()).hexdigest()
        headers = {"X-Correlation-Id": self.import_id, "Idempotency-Key": key}
        path = "/users:import?dry_run=true" if dry_run else "/users:import"
        for tried in range(1, _TRIES + 1):
            answer = self.api.call("PUT", path, body, {} if dry_run else headers)
            if not _is_busy(answer) or tried == _TRIES:
                break
            time.sleep(_wait_seconds(answer))
        return answer


def undo_import(api: PolicyApi, import_id: str, reason: str, *, yes: bool) -> dict[str, Any]:
    """Undo an import, batch by batch; return what has become of it. Raise Failure."""
    total: dict[str, Any] = {"users": 0, "enabled": 0, "disabled": 0, "kept": []}
    cursor: str | None = ""
    # An import itself, so that its undoing can be undone as one.
    headers = {"X-Correlation-Id": new_import_id()}
    while cursor is not None:
        body = {"reason": reason, "confirm": yes}
        answer = api.call("POST", f"/imports/{import_id}/undo{cursor}", body, headers)
        refuse(answer, Consent(reason=None))
        done = answer.json()
        for name in ("users", "enabled", "disabled", "kept"):
            total[name] += done[name]
        cursor = done["next_cursor"] and f"?cursor={done['next_cursor']}"
    return total


def _faults(answer: Answer, rows: Sequence[Row]) -> list[Fault]:
    """Return what is wrong with which row; raise Failure where it is with none of them."""
    if answer.status != 422:
        return []
    found = []
    for error in errors_of(answer.json()):
        place = _ROW.fullmatch(error["pointer"])
        if place is None or int(place[1]) >= len(rows):
            raise refusal(answer)
        where = f"{place[2]}: " if place[2] else ""
        found.append(Fault(rows[int(place[1])].line, f"{where}{error['detail']}"))
    if not found:
        raise refusal(answer)
    return found


def _is_busy(answer: Answer) -> bool:
    if answer.status == 409:
        return str(answer.json().get("type", "")).endswith("/request-in-progress")
    return answer.status in (429, 503)


def _wait_seconds(answer: Answer) -> float:
    asked = answer.header("retry-after") or "1"
    return min(float(asked) if asked.isdigit() else 1.0, _LONGEST_WAIT_SECONDS)

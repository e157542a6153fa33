"""The audit as a CSV file: one line a record, for a spreadsheet."""

from collections.abc import Sequence

from pydantic import JsonValue, TypeAdapter

from services.chassis.text.csv_cells import csv_rows
from services.policy.audit import Settings
from services.policy.audit_records import AuditEntry

COLUMNS = (
    "number", "when", "outcome", "who", "what", "whom", "why", "way", "network", "before", "after",
    "refused_with", "detail", "asked", "id", "correlation_id", "digest",
)  # fmt: skip
_SETTINGS = TypeAdapter[Settings](Settings)
_ASKED = TypeAdapter[dict[str, JsonValue]](dict[str, JsonValue])
# With the mark that makes Excel read UTF-8.
HEADING = "\ufeff" + csv_rows([COLUMNS])


def lines_of(entries: Sequence[AuditEntry]) -> str:
    """Return the records as lines."""
    return csv_rows(_cells(entry) for entry in entries)


def _cells(entry: AuditEntry) -> Sequence[object]:
    before, after = entry.settings
    origin, attempt = entry.origin, entry.attempt
    return (
        entry.number,
        entry.time.isoformat(),
        entry.outcome,
        entry.who,
        entry.what,
        entry.whom,
        entry.why,
        origin.way if origin else None,
        origin.network if origin else None,
        _settings(before),
        _settings(after),
        (attempt.problem or attempt.status) if attempt else None,
        attempt.detail if attempt else None,
        _ASKED.dump_json(attempt.asked).decode() if attempt and attempt.asked else None,
        entry.id,
        entry.correlation_id,
        entry.digest,
    )


def _settings(settings: Settings | None) -> str | None:
    return None if settings is None else _SETTINGS.dump_json(settings).decode()

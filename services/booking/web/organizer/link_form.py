"""The form of a private link: as the documents that the API takes, and where faults are shown."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.booking.web.organizer.rows import Fields
from services.booking.web.organizer.type_body import optional
from services.chassis.web.form_faults import FaultRule

_F = "organizer.fault"
FAULT_RULES: Sequence[FaultRule] = (
    FaultRule("/label", "label", f"{_F}.label"),
    FaultRule("/addressees/0/name", "name", f"{_F}.name"),
    FaultRule("/addressees(/.*)?", "email", f"{_F}.email"),
    FaultRule("/max_uses", "uses", f"{_F}.uses"),
    FaultRule("/not_before", "opens", f"{_F}.opens"),
    FaultRule("/expires_at", "ends", f"{_F}.ends"),
    FaultRule("/duration_minutes", "duration", f"{_F}.duration"),
)
_MINUTES = "%Y-%m-%dT%H:%M"


def body_of(fields: Fields, zone: str) -> dict[str, object]:
    """Return the document that makes the link; times are those of the zone."""
    name, email = fields.get("name", "").strip(), fields.get("email", "").strip()
    body: dict[str, object] = {
        "label": fields.get("label", ""),
        "max_uses": optional(fields.get("uses", "")),
        "addressees": [{"name": name, "email": email}] if name or email else [],
        "not_before": _instant(fields.get("opens", ""), zone),
        "duration_minutes": optional(fields.get("duration", "")),
    }
    return body | _end(fields, zone)


def patch_of(fields: Fields, zone: str) -> dict[str, object]:
    """Return the document that changes the link's label and end."""
    return {"label": fields.get("label", ""), **_end(fields, zone)}


def local(instant: datetime, zone: str) -> str:
    """Return the instant as browsers take a local time."""
    return instant.astimezone(ZoneInfo(zone)).strftime(_MINUTES)


def _end(fields: Fields, zone: str) -> dict[str, object]:
    ends = _instant(fields.get("ends", ""), zone)
    return {"expires_at": ends} if ends else {}


def _instant(text: str, zone: str) -> str | None:
    """Return the zone's local time as an instant; what is none stays as it was typed."""
    typed = text.strip()
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return typed or None
    if found.tzinfo is not None:
        return typed
    return found.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).isoformat()

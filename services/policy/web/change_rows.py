"""Changes of the policy as rows: when, who, of what, why, and what is another one since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from services.chassis.ids import parse_id
from services.policy.audit import AuditRecord, Settings
from services.policy.audit_records import Attempt, AuditEntry, RecordedOrigin
from services.policy.domain.settings import SharingPolicy
from services.policy.web.desk import Desk
from services.policy.web.people import USERS, names_of
from services.policy.web.rendering import HOME
from services.policy.web.setting_words import Difference, differences

CHANGES, SHARING, LICENCES = f"{HOME}/audit", f"{HOME}/sharing", f"{HOME}/licences"
ORGANIZATION = f"{HOME}/organization"

# What the forms on pages are about, by the first part of their addresses.
_PAGES = {
    "organization": "organization",
    "licences": "organization",
    "users": "user",
    "sharing": "sharing_policy",
    "plans": "plan",
    "audit": "change",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change; `subject` is the key of the phrase for what it is about, `name` whom or which.

    `way` is the key of how it came; of an attempt `refused` is what was answered, and `refusal`
    the key of the phrase where that was a page.
    """

    id: UUID
    when: str
    who: str
    subject: str
    name: str
    place: str
    why: str
    differences: Sequence[Difference]
    href: str
    way: str
    network: str
    refused: str
    refusal: str


@dataclass(frozen=True, slots=True)
class _Made:
    """A change, or an attempt at one, wherever it was read."""

    id: UUID
    time: datetime
    what: str
    by: str
    whom: str
    why: str
    before: Settings | None
    after: Settings | None
    origin: RecordedOrigin | None = None
    attempt: Attempt | None = None


async def change_rows(desk: Desk, records: Sequence[AuditRecord]) -> list[ChangeRow]:
    """Return the changes as pages show them."""
    made = [
        _Made(
            record.id,
            record.time,
            record.what,
            record.by,
            str(record.user_id) if record.user_id else _name_in(record.after),
            record.reason,
            record.before,
            record.after,
        )
        for record in records
    ]
    return await _rows(desk, made)


async def entry_rows(desk: Desk, entries: Sequence[AuditEntry]) -> list[ChangeRow]:
    """Return records of the audit as pages show them, refused attempts among them."""
    made = [
        _Made(
            entry.id,
            entry.time,
            entry.what,
            entry.who,
            entry.whom or "",
            entry.why,
            *entry.settings,
            origin=entry.origin,
            attempt=entry.attempt,
        )
        for entry in entries
    ]
    return await _rows(desk, made)


async def _rows(desk: Desk, records: Sequence[_Made]) -> list[ChangeRow]:
    ids = [parse_id(text) for each in records for text in (each.by, each.whom)]
    names = {str(id_): name for id_, name in (await names_of(desk, filter(None, ids))).items()}
    return [_row(desk, each, names) for each in records]


def _row(desk: Desk, made: _Made, names: Mapping[str, str]) -> ChangeRow:
    altered = differences(desk, made.before, made.after)
    phrases = desk.visit.reader.language.phrases
    known = f"admin.subject.{_kind_of(made.what)}"
    origin, attempt = made.origin, made.attempt
    refusal = f"admin.refusal.{attempt.status}" if attempt else ""
    return ChangeRow(
        id=made.id,
        when=desk.moment(made.time),
        who=names.get(made.by, made.by),
        subject=known if known in phrases else "admin.subject.other",
        name=names.get(made.whom, made.whom) or made.what,
        place=desk.link(place_of(made.what, made.whom, altered)),
        why=made.why,
        differences=altered,
        href="" if attempt else desk.link(f"{CHANGES}/{made.id}"),
        way=f"admin.way.{origin.way}" if origin else "",
        network=(origin.network or "") if origin else "",
        refused=(attempt.detail or "") if attempt else "",
        refusal=refusal if refusal in phrases else "admin.refusal.other" if attempt else "",
    )


def _kind_of(what: str) -> str:
    """Return what a change is about; an attempt on a page is known by the page's address."""
    _, admin, place = what.partition(f"{HOME}/")
    return _PAGES.get(place.partition("/")[0], "other") if admin else what


def _name_in(settings: Settings) -> str:
    return settings.name if isinstance(settings, SharingPolicy) else ""


def place_of(what: str, name: str, altered: Sequence[Difference] = ()) -> str:
    """Return the address of the page on which such a change is made."""
    match what, [each.label for each in altered]:
        case "user", _:
            return f"{USERS}/{name}"
        case "users", _:
            return USERS
        case "sharing_policy", _:
            return f"{SHARING}/policy?{urlencode({'name': name})}"
        case _, ["admin.setting.sharing_mode"]:
            return SHARING
        case _, ["admin.setting.licence_default"]:
            return LICENCES
        case _:
            return ORGANIZATION

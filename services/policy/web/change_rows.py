"""Changes of the policy as rows: when, who, of what, why, and what is another one since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from services.chassis.ids import parse_id
from services.policy.audit import AuditRecord
from services.policy.domain.settings import SharingPolicy
from services.policy.web.desk import Desk
from services.policy.web.people import USERS, names_of
from services.policy.web.rendering import HOME
from services.policy.web.setting_words import Difference, differences

CHANGES, SHARING, LICENCES = f"{HOME}/audit", f"{HOME}/sharing", f"{HOME}/licences"
ORGANIZATION = f"{HOME}/organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change; `subject` is the key of the phrase for what it is about, `name` whom or which."""

    id: UUID
    when: str
    who: str
    subject: str
    name: str
    place: str
    why: str
    differences: Sequence[Difference]
    href: str


async def change_rows(desk: Desk, records: Sequence[AuditRecord]) -> list[ChangeRow]:
    """Return the changes as pages show them."""
    makers = [made for record in records if (made := parse_id(record.by))]
    users = [record.user_id for record in records if record.user_id]
    names = await names_of(desk, [*makers, *users])
    return [_row(desk, record, names) for record in records]


def _row(desk: Desk, record: AuditRecord, names: Mapping[UUID, str]) -> ChangeRow:
    name = ""
    if record.user_id is not None:
        name = names.get(record.user_id, str(record.user_id))
    elif isinstance(record.after, SharingPolicy):
        name = record.after.name
    altered, maker = differences(desk, record.before, record.after), parse_id(record.by)
    return ChangeRow(
        id=record.id,
        when=desk.moment(record.time),
        who=names.get(maker, record.by) if maker else record.by,
        subject=f"admin.subject.{record.what}",
        name=name,
        place=desk.link(place_of(record.what, str(record.user_id or name), altered)),
        why=record.reason,
        differences=altered,
        href=desk.link(f"{CHANGES}/{record.id}"),
    )


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

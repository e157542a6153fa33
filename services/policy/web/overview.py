"""The administrators' first page: how things stand, and what was changed last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.postgres.database import Connection
from services.policy import commands
from services.policy.audit_records import AuditEntry, AuditFilter, find_records
from services.policy.domain.access import closes_all, effective
from services.policy.domain.settings import Policy, UserSettings
from services.policy.queries import Group, groups_of_users
from services.policy.web.change_rows import (
    CHANGES,
    ORGANIZATION,
    ChangeRow,
    entry_rows,
)
from services.policy.web.desk import desk_of
from services.policy.web.people import USERS
from services.policy.web.rendering import HOME, READ

LATEST = 5

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """Whether pages are on, for how many, what is worth a look, and the latest changes."""

    TEMPLATE: ClassVar[str] = "overview.html"

    state: str
    on: int
    off: int
    hints: Sequence[str]
    changes: Sequence[ChangeRow]
    ways: dict[str, str]
    zone: str


@routes.api_route(HOME, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)

    async def work(connection: Connection) -> tuple[Policy, list[Group], Sequence[AuditEntry]]:
        policy = (await commands.load_organization(connection)).state
        groups = await groups_of_users(connection)
        return (
            policy,
            groups,
            await find_records(
                connection, AuditFilter(outcome="made"), order="newest", limit=LATEST
            ),
        )

    policy, groups, latest = await desk.parts.read(work)
    having = sum(each.users for each in groups if effective(policy, each.settings).enabled)
    content = OverviewPage(
        state=_state(policy),
        on=having,
        off=sum(each.users for each in groups) - having,
        hints=_hints(policy),
        changes=await entry_rows(desk, latest),
        zone=desk.clock.zone.key,
        ways={
            "on": desk.link(USERS, state="on"),
            "off": desk.link(USERS, state="off"),
            "users": desk.link(USERS),
            "organization": desk.link(ORGANIZATION),
            "audit": desk.link(CHANGES),
        },
    )
    return desk.show(content, "overview")


def _state(policy: Policy) -> str:
    if closes_all(policy):
        return "closed"
    return "open" if effective(policy, UserSettings()).enabled else "some"


def _hints(policy: Policy) -> list[str]:
    empty = policy.settings.ews_enabled is None
    blocked = policy.settings.bookings_enabled is False
    return [
        *(["admin.hint.ews_enabled"] if empty else []),
        *(["admin.hint.bookings"] if blocked else []),
    ]

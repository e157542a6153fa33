"""The users that policy knows, with their state and the rule that decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.http.listing import cursor_of
from services.chassis.postgres.database import Connection
from services.chassis.text.typed import trimmed
from services.policy import commands
from services.policy.domain.access import Access, effective
from services.policy.domain.settings import Licence, Policy, UserSettings
from services.policy.queries import find_users
from services.policy.web.desk import Desk, desk_of
from services.policy.web.people import USERS, people
from services.policy.web.rendering import READ
from services.policy.web.setting_words import in_words

ON_A_PAGE = 50
LONGEST_SEARCH = 200
STATES = {"on": True, "off": False}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """A user with their state; `rule` is what decides it, `licence` their plan in words."""

    name: str
    about: str
    href: str
    enabled: bool
    rule: str
    level: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage:
    """Users with search and their state, in pages."""

    TEMPLATE: ClassVar[str] = "users.html"

    words: str
    state: str
    states: Sequence[str]
    lines: Sequence[UserLine]
    more: str | None
    is_filtered: bool
    kept: Sequence[tuple[str, str]]
    here: str
    action: str


@routes.api_route(USERS, methods=READ)
async def show(request: Request) -> Response:
    desk, query = await desk_of(request), request.query_params
    words = trimmed(query.get("q", "")).replace("\0", "")[:LONGEST_SEARCH]
    state = query.get("state", "") if query.get("state") in STATES else ""
    cursor = cursor_of(query.get("cursor"))

    async def work(connection: Connection) -> tuple[Policy, Sequence[tuple[UUID, UserSettings]]]:
        policy = (await commands.load_organization(connection)).state
        if words:
            id_ = desk.parts.user_id(words)
            found = await commands.load_user(connection, id_)
            return policy, [(id_, found.user.state.settings)]
        users = await find_users(connection, cursor, ON_A_PAGE + 1, enabled=STATES.get(state))
        return policy, [(each.id, each.settings) for each in users]

    policy, found = await desk.parts.read(work)
    shown = found[:ON_A_PAGE]
    last = str(shown[-1][0]) if len(found) > ON_A_PAGE else None
    kept = [(name, value) for name, value in desk.visit.kept(USERS).items() if value]
    content = UsersPage(
        words=words,
        state=state,
        states=list(STATES),
        lines=await _lines(desk, policy, shown),
        more=last and desk.link(USERS, q=words, state=state, cursor=last),
        is_filtered=bool(words or state),
        kept=kept,
        here=desk.link(USERS),
        action=USERS,
    )
    return desk.show(content, "users")


async def _lines(
    desk: Desk, policy: Policy, found: Sequence[tuple[UUID, UserSettings]]
) -> list[UserLine]:
    named = await people(desk, [id_ for id_, _ in found])
    return [
        _line(desk, each.name, each.href, effective(policy, settings), settings.licence)
        for each, (_, settings) in zip(named, found, strict=True)
    ]


def _line(desk: Desk, name: str, href: str, access: Access, licence: Licence | None) -> UserLine:
    deciding = access.deciding
    return UserLine(
        name=name,
        about="",
        href=href,
        enabled=access.enabled,
        rule=desk.say(f"explain.rule.{deciding.rule}"),
        level=desk.say(f"explain.level.{deciding.decided_by}"),
        licence=in_words(desk, licence) if licence else desk.say("admin.value.no_record"),
    )

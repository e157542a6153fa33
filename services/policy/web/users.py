"""The users that policy knows, with their state and the rule that decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.http.listing import cursor_of
from services.chassis.postgres.database import Connection
from services.chassis.text.typed import trimmed
from services.policy import commands
from services.policy.directory.search import LONGEST_SEARCH, FoundUser, find_users
from services.policy.domain.access import effective
from services.policy.domain.settings import Policy
from services.policy.web.desk import Desk, desk_of
from services.policy.web.people import USERS, Person, person
from services.policy.web.rendering import READ
from services.policy.web.setting_words import in_words

ON_A_PAGE = 50
STATES = {"on": True, "off": False}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """A user with their state; `rule` is what decides it, `licence` their plan in words."""

    person: Person
    enabled: bool
    rule: str
    level: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage:
    """Users with search and their state, in pages; `unknown` leads to somebody not known yet."""

    TEMPLATE: ClassVar[str] = "users.html"

    words: str
    state: str
    states: Sequence[str]
    lines: Sequence[UserLine]
    more: str | None
    unknown: str
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

    async def work(connection: Connection) -> tuple[Policy, Sequence[FoundUser]]:
        policy = (await commands.load_organization(connection)).state
        return policy, await find_users(
            connection, words, enabled=STATES.get(state), cursor=cursor, limit=ON_A_PAGE + 1
        )

    policy, found = await desk.parts.read(work)
    shown = found[:ON_A_PAGE]
    last = str(shown[-1].id) if len(found) > ON_A_PAGE else None
    kept = [(name, value) for name, value in desk.visit.kept(USERS).items() if value]
    content = UsersPage(
        words=words,
        state=state,
        states=list(STATES),
        lines=[_line(desk, policy, each) for each in shown],
        more=last and desk.link(USERS, q=words, state=state, cursor=last),
        unknown=desk.link(f"{USERS}/{desk.parts.user_id(words)}") if words else "",
        is_filtered=bool(words or state),
        kept=kept,
        here=desk.link(USERS),
        action=USERS,
    )
    return desk.show(content, "users")


def _line(desk: Desk, policy: Policy, found: FoundUser) -> UserLine:
    who, licence = person(desk, found.id, found.entry), found.settings.licence
    access = effective(policy, found.settings)
    return UserLine(
        person=who,
        enabled=access.enabled,
        rule=desk.say(f"explain.rule.{access.deciding.rule}"),
        level=desk.say(f"explain.level.{access.deciding.decided_by}"),
        licence=in_words(desk, licence) if licence else desk.say("admin.value.no_record"),
    )

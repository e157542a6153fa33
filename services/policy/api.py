"""Policy over HTTP, for administrators: the settings, their effect, plans, and every change."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime
from starlette.responses import JSONResponse, Response

from contracts.problem_types import NOT_FOUND
from services.chassis.http.conditional import expected_version, tagged
from services.chassis.http.documentation import BEARER, IfMatchRequired
from services.chassis.http.listing import ListPage, cursor_of, list_page
from services.chassis.http.parts import parts_of
from services.chassis.http.problems import Problem
from services.chassis.http.routing import ApiRoute
from services.chassis.ids import FIRST
from services.policy import answers, changing, commands, plans, schemas, undoing, views
from services.policy.asked import Asked, Outcome
from services.policy.directory import search as directory
from services.policy.directory.records import erase
from services.policy.directory.search import LONGEST_SEARCH
from services.policy.domain.settings import DEFAULT_SHARING_POLICY
from services.policy.parts import Parts
from services.policy.store import OrganizationAggregate
from services.policy.tracing import trace

routes = APIRouter(
    prefix="/api/policy/v1", route_class=ApiRoute, tags=["policy"], dependencies=[BEARER]
)

DryRun = Annotated[
    bool, Query(description="Change nothing; answer the plan of what the change would do.")
]

PlanNumber = Annotated[int, Path(ge=1, lt=2**63)]


@routes.get("/organization", response_model=answers.Organization)
async def get_organization(request: Request) -> Response:
    """Return the organization's settings."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    loaded = await parts.read(commands.load_organization)
    return tagged(views.organization(loaded), loaded.version)


@routes.patch("/organization", response_model=answers.Organization | answers.Plan)
async def patch_organization(
    request: Request,
    body: schemas.OrganizationChange,
    if_match: IfMatchRequired = None,
    dry_run: DryRun = False,
) -> Response:
    """Change the organization's settings."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    asked = Asked("organization", None, body, str(by.id), parts.user_id)
    return await _answered(parts, asked, expected_version(if_match), dry_run=dry_run)


@routes.get("/users")
async def find_users(
    request: Request,
    search: Annotated[
        str,
        Query(
            max_length=LONGEST_SEARCH,
            description="A part of a name, a mail address or a user name, or an id.",
        ),
    ] = "",
    enabled: Annotated[
        bool | None, Query(description="Whose page was last allowed, or not.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> ListPage[answers.ListedUser]:
    """Return the known users by name, or those whose description has a text."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    policy = (await parts.read(commands.load_organization)).state
    after = cursor_of(cursor)
    found = await parts.read(
        lambda c: directory.find_users(c, search, enabled=enabled, cursor=after, limit=limit + 1)
    )
    return list_page([views.listed_user(each, policy) for each in found], limit)


@routes.delete("/users/{user}/description", status_code=204)
async def erase_description(request: Request, user: str) -> None:
    """Forget the user's names and addresses; the settings stay, under the id alone."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    user_id = parts.user_id(user)
    if not await parts.write(lambda c: erase(c, user_id)):
        raise Problem(NOT_FOUND, "The directory does not describe this user.")


@routes.get("/users/{user}", response_model=answers.User)
async def get_user(request: Request, user: str) -> Response:
    """Return a user's settings; everybody has some."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    user_id = parts.user_id(user)
    seen = await parts.read(lambda c: commands.load_user(c, user_id))
    return tagged(views.user(user_id, seen), seen.user.version)


@routes.patch("/users/{user}", response_model=answers.User | answers.Plan)
async def patch_user(
    request: Request,
    user: str,
    body: schemas.UserChange,
    if_match: IfMatchRequired = None,
    dry_run: DryRun = False,
) -> Response:
    """Change a user's settings."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    asked = Asked("user", str(parts.user_id(user)), body, str(by.id), parts.user_id)
    return await _answered(parts, asked, expected_version(if_match), dry_run=dry_run)


@routes.get("/users/{user}/effective")
async def get_effective(
    request: Request, user: str, as_of: AwareDatetime | None = None
) -> answers.EffectiveAccess:
    """Return whether the user may have a page, with each rule's verdict; also as of a moment."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    user_id = parts.user_id(user)
    return await parts.read(lambda c: trace(c, user_id, as_of))


@routes.put("/users:import", response_model=answers.Imported | answers.Plan)
async def import_users(request: Request, body: schemas.Import, dry_run: DryRun = False) -> Response:
    """Change the settings of many users, all of them or none."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    asked = Asked("users", None, body, str(by.id), parts.user_id)
    return await _answered(parts, asked, None, dry_run=dry_run)


@routes.get("/sharing-policies/{name}", response_model=answers.Sharing)
async def get_sharing_policy(request: Request, name: str) -> Response:
    """Return a sharing policy; case does not count in its name."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    return _sharing(await parts.read(commands.load_organization), name)


@routes.put("/sharing-policies/{name}", response_model=answers.Sharing | answers.Plan)
async def put_sharing_policy(
    request: Request,
    name: schemas.Name,
    body: schemas.SharingChange,
    if_match: IfMatchRequired = None,
    dry_run: DryRun = False,
) -> Response:
    """Change a sharing policy; one of a new name is made."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    asked = Asked("sharing_policy", name, body, str(by.id), parts.user_id)
    return await _answered(parts, asked, expected_version(if_match), dry_run=dry_run)


@routes.get("/plans/{number}")
async def get_plan(request: Request, number: PlanNumber) -> answers.Plan:
    """Return what a change would have done when its plan was made."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    return await parts.read(lambda c: plans.read_plan(c, number))


@routes.post("/plans/{number}/apply")
async def apply_plan(request: Request, number: PlanNumber, body: schemas.Consented) -> answers.Plan:
    """Carry a plan out, unless things have changed since it was made."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    await changing.apply_plan(parts, number, str(by.id), reason=body.reason, confirm=body.confirm)
    return await parts.read(lambda c: plans.read_plan(c, number))


@routes.post("/changes/{change_id}/undo", response_model=answers.AnyChanged)
async def undo_change(request: Request, change_id: UUID, body: schemas.Consented) -> Response:
    """Bring the settings that a change altered back to what they were before it."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    asked = await parts.read(
        lambda c: undoing.ask_undone(c, change_id, body, str(by.id), parts.user_id)
    )
    return await _answered(parts, asked, None, dry_run=False)


@routes.post("/imports/{import_id}/undo")
async def undo_import(
    request: Request,
    import_id: str,
    body: schemas.Consented,
    cursor: UUID = FIRST,
) -> answers.ImportUndone:
    """Bring the next 500 users of an import back to what they were before it."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    asked, kept, following = await parts.read(
        lambda c: undoing.ask_import_undone(c, import_id, cursor, body, str(by.id), parts.user_id)
    )
    outcome: Outcome = []
    if asked is not None:
        outcome, _ = await changing.carry_out(parts, asked, None)
    assert isinstance(outcome, list)
    done = views.imported(outcome).model_dump()
    return answers.ImportUndone(**done, kept=kept, next_cursor=following)


async def _answered(parts: Parts, asked: Asked, expected: int | None, *, dry_run: bool) -> Response:
    """Carry the change out and answer what has become of it, or answer its plan."""
    if dry_run:
        made = await changing.plan(parts, asked, expected)
        return Response(made.model_dump_json(by_alias=True), media_type="application/json")
    outcome, warned = await changing.carry_out(parts, asked, expected)
    return _outcome(asked, outcome, views.warnings(warned))


def _outcome(asked: Asked, outcome: Outcome, warnings: Sequence[answers.WarnedOf]) -> Response:
    told = {"warnings": warnings}
    if isinstance(outcome, list):
        if asked.what == "users":
            imported = views.imported(outcome).model_copy(update=told)
            return JSONResponse(imported.model_dump(mode="json"))
        [changed] = outcome
        user = views.user(UUID(asked.name), changed).model_copy(update=told)
        return tagged(user, changed.user.version)
    if asked.what == "sharing_policy":
        return _sharing(outcome, asked.name or DEFAULT_SHARING_POLICY, warnings)
    return tagged(views.organization(outcome).model_copy(update=told), outcome.version)


def _sharing(
    loaded: OrganizationAggregate, name: str, warnings: Sequence[answers.WarnedOf] = ()
) -> Response:
    found = loaded.state.sharing_policy(name)
    if found is None:
        raise Problem(NOT_FOUND, "There is no sharing policy of that name.")
    shown = views.sharing(found).model_copy(update={"warnings": warnings})
    return tagged(shown, loaded.version)

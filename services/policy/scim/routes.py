"""The addresses of SCIM: `/scim/v2/Users`, and the documents that say what the service can do."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPBearer
from starlette.responses import JSONResponse, Response

from contracts.problem_types import INVALID, NOT_FOUND, VERSION_CONFLICT
from services.chassis.http.parts import parts_of
from services.chassis.http.problems import Problem
from services.chassis.ids import parse_id
from services.chassis.runtime.cause import acting
from services.policy.directory.provisioned import (
    ProvisionedUser,
    provisioned_user,
    provisioned_users,
)
from services.policy.origin import note_caller
from services.policy.parts import Parts
from services.policy.scim import answers, listing, provisioning
from services.policy.scim.answers import ScimErrorBody, ScimList, ScimUser, user_of
from services.policy.scim.documents import Json, parsed
from services.policy.scim.drafts import Draft, read_resource
from services.policy.scim.errors import MEDIA_TYPE
from services.policy.scim.faults import missing, not_let_in
from services.policy.scim.patching import apply_patch
from services.policy.scim.provisioning import BY

PREFIX = "/scim/v2"
_JSON = ("application/json", MEDIA_TYPE)
_TOKEN = HTTPBearer(
    auto_error=False, scheme_name="provisioning", description="BOOKWITH_SCIM_TOKENS has it."
)


class ScimResponse(JSONResponse):
    """A document for a SCIM client."""

    media_type = MEDIA_TYPE

    def __init__(self, content: Any, status_code: int = 200, **headers: str) -> None:
        super().__init__(content, status_code, headers={"Cache-Control": "no-store", **headers})


_ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "What stands in the way (RFC 7644, section 3.12).",
        "content": {MEDIA_TYPE: {"schema": ScimErrorBody.model_json_schema()}},
    }
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "object"}}},
    }
}
routes = APIRouter(
    prefix=PREFIX,
    tags=["SCIM"],
    dependencies=[Depends(_TOKEN)],
    default_response_class=ScimResponse,
    responses=_ERRORS,
)


@routes.get("/Users", response_model=ScimList, openapi_extra=listing.PARAMETERS)
async def list_users(request: Request) -> Response:
    """Return the provisioned users that a filter finds, a page of them."""
    parts = _let_in(request)
    asked = listing.asked_of(request.query_params)
    found, total = await parts.read(
        lambda c: provisioned_users(c, asked.equal, skip=asked.start - 1, limit=asked.count)
    )
    page = ScimList(
        totalResults=total,
        startIndex=asked.start,
        itemsPerPage=len(found),
        Resources=[asked.shown(_document(parts, each)) for each in found],
    )
    return ScimResponse(page.model_dump())


@routes.post("/Users", response_model=ScimUser, status_code=201, openapi_extra=_BODY)
async def create_user(request: Request) -> Response:
    """Create a user."""
    parts = _let_in(request)
    wanted = provisioning.wanted_of(parts, read_resource(await _body(request)))
    return _user(
        parts, await parts.write(lambda c: provisioning.create_user(c, wanted)), status=201
    )


@routes.get("/Users/{user_id}", response_model=ScimUser)
async def get_user(request: Request, user_id: str) -> Response:
    """Return a user."""
    parts = _let_in(request)
    listing.refuse_unknown(request.query_params, *listing.SHOWN)
    id_ = _id(user_id)
    found = await parts.read(lambda c: provisioned_user(c, id_))
    if found is None:
        raise missing()
    known = request.headers.get("if-none-match")
    document = _document(parts, found)
    if known is not None and _names(known, document["meta"]["version"]):
        return Response(status_code=304, headers={"ETag": document["meta"]["version"]})
    return _user(parts, found, shown=listing.shown_of(request.query_params))


@routes.put("/Users/{user_id}", response_model=ScimUser, openapi_extra=_BODY)
async def replace_user(request: Request, user_id: str) -> Response:
    """Replace a user; `active` that is not given stays as it is."""
    sent = await _sent_by_client(request)
    return await _change(request, user_id, lambda _: read_resource(sent))


@routes.patch("/Users/{user_id}", response_model=ScimUser, openapi_extra=_BODY)
async def patch_user(request: Request, user_id: str) -> Response:
    """Change a user by operations, all of them or none."""
    sent = await _sent_by_client(request)

    def change(draft: Draft) -> Draft:
        apply_patch(draft, sent)
        return draft

    return await _change(request, user_id, change)


@routes.delete("/Users/{user_id}", status_code=204)
async def delete_user(request: Request, user_id: str) -> Response:
    """Switch a user's account off and forget who they were."""
    parts = _let_in(request)
    id_ = _id(user_id)
    allowed = _precondition(request, parts)
    await parts.write(lambda c: provisioning.delete_user(c, id_, allowed))
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@routes.get("/ServiceProviderConfig")
async def get_provider_config(request: Request) -> Response:
    """Return what the service can do."""
    return ScimResponse(answers.provider_config(_let_in(request).provisioning.url))


@routes.get("/ResourceTypes")
async def get_resource_types(request: Request) -> Response:
    """Return the kinds of resources."""
    return _all_of(answers.resource_types(_let_in(request).provisioning.url))


@routes.get("/ResourceTypes/{name}")
async def get_resource_type(request: Request, name: str) -> Response:
    """Return one kind of resource."""
    return _one_of(answers.resource_types(_let_in(request).provisioning.url), name)


@routes.get("/Schemas")
async def get_schemas(request: Request) -> Response:
    """Return the schemas of resources."""
    return _all_of(answers.schemas(_let_in(request).provisioning.url))


@routes.get("/Schemas/{address}")
async def get_schema(request: Request, address: str) -> Response:
    """Return one schema."""
    return _one_of(answers.schemas(_let_in(request).provisioning.url), address)


def _let_in(request: Request) -> Parts:
    """Return the parts for a client with a token that is known; raise `unauthenticated`."""
    parts = parts_of(request, Parts)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    digest = hashlib.sha256(token.strip().encode()).digest()
    known = [hmac.compare_digest(digest, each) for each in parts.provisioning.tokens]
    if not known:
        raise not_let_in("SCIM is off here: the service was given no BOOKWITH_SCIM_TOKENS.")
    if kind.lower() != "bearer" or not any(known):
        raise not_let_in("Send the token that the service was set up with, as a bearer token.")
    acting(BY)
    note_caller(request.scope, BY)
    return parts


async def _sent_by_client(request: Request) -> dict[str, Json]:
    _let_in(request)
    return await _body(request)


async def _body(request: Request) -> dict[str, Json]:
    kind = request.headers.get("content-type", MEDIA_TYPE).partition(";")[0].strip().lower()
    if kind not in _JSON:
        raise Problem(INVALID, f"Send {MEDIA_TYPE}.", status=415)
    return parsed(await request.body())


async def _change(request: Request, user_id: str, change: Callable[[Draft], Draft]) -> Response:
    parts = _let_in(request)
    id_, identity = _id(user_id), parts.provisioning.identity
    allowed = _precondition(request, parts)
    changed = await parts.write(
        lambda c: provisioning.change_user(c, id_, change, identity, allowed)
    )
    return _user(parts, changed)


def _precondition(request: Request, parts: Parts) -> provisioning.Precondition:
    """Return what raises where If-Match names another version; who sends none takes any."""
    named = request.headers.get("if-match")

    def check(found: ProvisionedUser) -> None:
        version = user_of(found, parts.provisioning.url).meta.version
        if named is not None and not _names(named, version):
            raise Problem(VERSION_CONFLICT, "The user has changed since; read them again.")

    return check


def _names(header: str, version: str) -> bool:
    tags = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in tags or version.removeprefix("W/") in tags


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise missing()
    return found


def _document(parts: Parts, found: ProvisionedUser) -> dict[str, Any]:
    return user_of(found, parts.provisioning.url).model_dump(exclude_none=True)


def _user(
    parts: Parts,
    found: ProvisionedUser,
    *,
    status: int = 200,
    shown: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Response:
    document = _document(parts, found)
    meta = document["meta"]
    return ScimResponse(shown(document), status, ETag=meta["version"], Location=meta["location"])


def _all_of(documents: list[dict[str, Any]]) -> Response:
    page = ScimList(
        totalResults=len(documents),
        startIndex=1,
        itemsPerPage=len(documents),
        Resources=documents,
    )
    return ScimResponse(page.model_dump())


def _one_of(documents: list[dict[str, Any]], id_: str) -> Response:
    for each in documents:
        if each["id"] == id_:
            return ScimResponse(each)
    raise Problem(NOT_FOUND, "There is no such document.")

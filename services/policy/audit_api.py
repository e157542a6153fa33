"""The audit over HTTP: its records with filters, in pages and as a file; is its chain whole."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response, StreamingResponse

from contracts.problem_types import INVALID
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import ListPage, cursor_of, list_page
from services.chassis.http.parts import parts_of
from services.chassis.http.problems import Problem
from services.chassis.http.routing import ApiRoute
from services.chassis.ids import FIRST
from services.policy import answers, audit_records, views
from services.policy.audit_export import HEADING, lines_of
from services.policy.audit_records import AuditFilter, Order, Outcome
from services.policy.audit_verification import verify
from services.policy.domain.audit_chain import Head
from services.policy.parts import Parts

routes = APIRouter(
    prefix="/api/policy/v1", route_class=ApiRoute, tags=["policy"], dependencies=[BEARER]
)

EXPORTED_AT_ONCE = 200
# PostgreSQL's texts have no NUL: the answer would break off once it has begun.
_WRITABLE = r"^[^\x00]*$"


class Wanted:
    """The filters of the audit, as they are asked for."""

    def __init__(
        self,
        who: Annotated[
            str | None,
            Query(max_length=256, pattern=_WRITABLE, description="By whom: an id or an identity."),
        ] = None,
        whom: Annotated[
            str | None,
            Query(
                max_length=256,
                pattern=_WRITABLE,
                description="About whom: a user, or a sharing policy's name.",
            ),
        ] = None,
        what: Annotated[
            str | None,
            Query(
                max_length=64,
                pattern=_WRITABLE,
                description="organization, user, sharing_policy, users, plan, change.",
            ),
        ] = None,
        outcome: Annotated[
            Outcome | None, Query(description="Only what was made, or refused.")
        ] = None,
        since: Annotated[
            AwareDatetime | None, Query(alias="from", description="The first moment.")
        ] = None,
        until: Annotated[
            AwareDatetime | None, Query(alias="to", description="The first moment after.")
        ] = None,
        order: Annotated[Order, Query(description="Which records come first.")] = "oldest",
    ) -> None:
        self.who, self.whom, self.what, self.outcome = who, whom, what, outcome
        self.since, self.until, self.order = since, until, order

    def filter(self, parts: Parts) -> AuditFilter:
        """Return which records are wanted."""
        return AuditFilter(
            who=_names(parts, self.who),
            whom=_names(parts, self.whom),
            what=self.what,
            outcome=self.outcome,
            since=self.since,
            until=self.until,
        )


AnyWanted = Annotated[Wanted, Depends()]


@routes.get("/audit")
async def get_audit(
    request: Request,
    wanted: AnyWanted,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> ListPage[answers.Audited]:
    """Return every change and every refused attempt: who, what, when, from where, why."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    after = await _place(parts, cursor_of(cursor))
    found = await parts.read(
        lambda c: audit_records.find_records(
            c, wanted.filter(parts), order=wanted.order, after=after, limit=limit + 1
        )
    )
    return list_page([views.audited(record) for record in found], limit)


@routes.get(
    "/audit/export",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_audit(request: Request, wanted: AnyWanted) -> Response:
    """Return the records as a CSV file, all that the filters leave."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    return StreamingResponse(
        exported(parts, wanted.filter(parts), wanted.order),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


@routes.get("/operator/audit-verification")
async def verify_audit(
    request: Request,
    after: Annotated[
        str | None, Query(max_length=100, description="Where the page before has ended.")
    ] = None,
    head: Annotated[
        str | None, Query(max_length=100, description="A head that was written down before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> answers.AuditVerification:
    """Check the next records of the audit's chain, and that the stored events agree with them."""
    parts = parts_of(request, Parts)
    await parts.operator(request)
    start, written_down = _head("after", after), _head("head", head)
    checked, more = await parts.read(lambda c: verify(c, start or Head(), written_down, limit))
    return views.verification(checked, more=more)


def _head(name: str, text: str | None) -> Head | None:
    try:
        return None if text is None else Head.parse(text)
    except ValueError:
        fault = {
            "pointer": f"#/query/{name}",
            "detail": "Must be a record's number, a colon and its digest: 64 hexadecimal digits.",
        }
        raise Problem(INVALID, "That is no head of the audit.", errors=[fault]) from None


async def exported(parts: Parts, wanted: AuditFilter, order: Order) -> AsyncIterator[str]:
    """Yield the records as the lines of a CSV file."""
    yield HEADING
    after = None
    while True:
        found = await parts.read(
            lambda c, after=after: audit_records.find_records(  # type: ignore[misc]
                c, wanted, order=order, after=after, limit=EXPORTED_AT_ONCE
            )
        )
        yield lines_of(found)
        if len(found) < EXPORTED_AT_ONCE:
            return
        after = found[-1].number


async def _place(parts: Parts, cursor: UUID) -> int | None:
    """Return the number of the record behind which the list goes on."""
    if cursor == FIRST:
        return None
    place = await parts.read(lambda c: audit_records.place_of(c, cursor))
    if place is None:
        fault = {"pointer": "#/query/cursor", "detail": "Must be a next_cursor of this list."}
        raise Problem(INVALID, "The cursor is not one of this list.", errors=[fault])
    return place


def _names(parts: Parts, named: str | None) -> Sequence[str] | None:
    """Return how records may have it: as it was typed, or as the id of the person of that name."""
    return None if named is None else (named, str(parts.user_id(named)))

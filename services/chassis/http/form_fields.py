"""The fields that a form of our pages has sent; what another site sends is refused."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import Scope

from contracts.problem_types import FORBIDDEN, INVALID
from services.chassis.http.origin import comes_from_elsewhere
from services.chassis.http.problems import Problem

FORM = "application/x-www-form-urlencoded"
# Where the fields that were read stay with the request: a page that refuses them shows them again.
_READ = "fields_read"
# A week of hours has many, and single dates may have hours of their own.
MOST_FIELDS = 1500


async def fields_of(request: Request) -> dict[str, str]:
    """Return what the form sent, line ends as everywhere else."""
    if comes_from_elsewhere(request):
        raise not_ours()
    return await read_fields(request)


async def read_fields(request: Request) -> dict[str, str]:
    """Return what the form sent, whoever sent it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Problem(INVALID, "Send the form as application/x-www-form-urlencoded.")
    form = await request.form(max_fields=MOST_FIELDS)
    fields = {
        name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)
    }
    request.scope.setdefault("state", {})[_READ] = fields
    return fields


def fields_read(scope: Scope) -> Mapping[str, str]:
    """Return the fields that a request has sent, as far as they were read while it was served."""
    read: Mapping[str, str] = scope.get("state", {}).get(_READ, {})
    return read


def not_ours() -> Problem:
    """Return the problem of a form that was made elsewhere, or for something else."""
    return Problem(FORBIDDEN, "This form was not made for this. Load the page again.")

"""The fields that a form of our pages has sent; what another site sends is refused."""

from starlette.requests import Request

from contracts.problem_types import FORBIDDEN, INVALID
from services.chassis.http.origin import comes_from_elsewhere
from services.chassis.http.problems import Problem

FORM = "application/x-www-form-urlencoded"
# A week of hours has many, and a meeting type may have dates with hours of their own.
MOST_FIELDS = 1500


async def fields_of(request: Request) -> dict[str, str]:
    """Return what the form sent, line ends as everywhere else."""
    if comes_from_elsewhere(request):
        raise not_ours()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Problem(INVALID, "Send the form as application/x-www-form-urlencoded.")
    form = await request.form(max_fields=MOST_FIELDS)
    return {
        name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)
    }


def not_ours() -> Problem:
    """Return the problem of a form that was made elsewhere, or for something else."""
    return Problem(FORBIDDEN, "This form was not made for this. Load the page again.")

"""Routes of the API: a query parameter that a route does not take is named, not ignored."""

from collections.abc import Callable, Coroutine
from copy import copy
from dataclasses import replace
from typing import Any, NoReturn

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """A route that answers `invalid` to unknown query parameters, with all other faults."""

    def get_route_handler(self) -> Handler:
        """Return the handler that first looks at the names of the query parameters."""
        serve = super().get_route_handler()
        known = _parameters(self.dependant)
        # With the route's checks and without its work: what else is wrong is named too.
        checked = copy(self)
        checked.dependant = replace(self.dependant, call=_refuse)
        check = APIRoute.get_route_handler(checked)

        async def handle(request: Request) -> Response:
            unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
            if not unknown:
                return await serve(request)
            request.scope["unknown_parameters"] = unknown
            return await check(request)

        return handle


def _parameters(dependant: Dependant) -> frozenset[str]:
    own = (field.alias for field in dependant.query_params)
    return frozenset(own).union(*map(_parameters, dependant.dependencies))


async def _refuse(**_: Any) -> NoReturn:
    raise RequestValidationError([])

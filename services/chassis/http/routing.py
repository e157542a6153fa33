"""Routes of the API: a query parameter that a route does not take is named, not ignored."""

from collections.abc import Callable, Coroutine
from copy import copy
from dataclasses import replace
from typing import Any, NoReturn

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """A route that answers `invalid` to unknown query parameters, with all other faults."""

    def get_route_handler(self) -> Handler:
        """Return the handler that first looks at the names of the query parameters."""
        known = _parameters(self.dependant)
        needed = _without_documentation(self.dependant)
        serve = self._handler_of(needed)
        # With the route's checks and without its work: what else is wrong is named too.
        check = self._handler_of(replace(needed, call=_refuse))

        async def handle(request: Request) -> Response:
            unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
            if not unknown:
                return await serve(request)
            request.scope["unknown_parameters"] = unknown
            return await check(request)

        return handle

    def _handler_of(self, dependant: Dependant) -> Handler:
        route = copy(self)
        route.dependant = dependant
        return APIRoute.get_route_handler(route)


def _without_documentation(dependant: Dependant) -> Dependant:
    """Leave out what only documents a header: solved for each request, it costs more than it."""
    needed = [
        each
        for each in dependant.dependencies
        if each.name is not None or not isinstance(each.call, SecurityBase)
    ]
    return replace(dependant, dependencies=needed)


def _parameters(dependant: Dependant) -> frozenset[str]:
    own = (field.alias for field in dependant.query_params)
    return frozenset(own).union(*map(_parameters, dependant.dependencies))


async def _refuse(**_: Any) -> NoReturn:
    raise RequestValidationError([])

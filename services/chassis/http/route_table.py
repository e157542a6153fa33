"""Which route an address belongs to, and which methods it takes, whoever answers the request."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

UNMATCHED = "unmatched"


class RouteTable:
    """The routes of an application, in the order in which they are tried."""

    def __init__(self, routers: Iterable[APIRouter], others: Iterable[BaseRoute] = ()) -> None:
        routes = [route for router in routers for route in router.routes]
        self._routes = [route for route in (*routes, *others) if isinstance(route, Route | Mount)]

    def template(self, scope: Scope) -> str:
        """Return the template of the request's route; never the address, which may hold a token."""
        met = getattr(scope.get("route"), "path", None)
        if met is not None:
            return str(met)
        found = self._matching(scope)
        return found[0].path if found else UNMATCHED

    def methods(self, scope: Scope) -> Sequence[str]:
        """Return the methods that the request's address takes."""
        found = [each.methods or () for each in self._matching(scope) if isinstance(each, Route)]
        taken = {method for methods in found for method in methods}
        return sorted(taken | {"HEAD"} if "GET" in taken else taken)

    def _matching(self, scope: Scope) -> list[Route | Mount]:
        """Return the routes whose address it is, those that take its method first."""
        matches = [(each.matches(scope)[0], each) for each in self._routes]
        return [
            route
            for wanted in (Match.FULL, Match.PARTIAL)
            for found, route in matches
            if found is wanted
        ]

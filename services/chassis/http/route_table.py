"""Which route an address belongs to, and which methods it takes, whoever answers the request."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fastapi import APIRouter
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

UNMATCHED = "unmatched"


class RouteTable:
    """The routes of an application, in the order in which they are tried."""

    def __init__(self, routers: Iterable[APIRouter], others: Iterable[BaseRoute] = ()) -> None:
        self._routes: dict[int, list[Route]] = defaultdict(list)
        self._mounts: list[Mount] = []
        routes = [route for router in routers for route in router.routes]
        for route in (*routes, *others):
            if isinstance(route, Route):
                self._routes[_depth(route.path)].append(route)
            elif isinstance(route, Mount):
                self._mounts.append(route)

    def template(self, scope: Scope) -> str:
        """Return the template of the request's route; never the address, which may hold a token."""
        met = getattr(scope.get("route"), "path", None)
        if met is not None:
            return str(met)
        path, method = scope["path"], scope["method"]
        found = self._matching(path)
        taken = [route for route in found if method in (route.methods or ())]
        mounts = [mount for mount in self._mounts if mount.path_regex.match(path)]
        fitting: list[Route | Mount] = [*taken, *found, *mounts]
        return fitting[0].path if fitting else UNMATCHED

    def methods(self, scope: Scope) -> Sequence[str]:
        """Return the methods that the request's address takes."""
        found = self._matching(scope["path"])
        taken = {method for route in found for method in route.methods or ()}
        return sorted(taken | {"HEAD"} if "GET" in taken else taken)

    def _matching(self, path: str) -> list[Route]:
        found = self._routes.get(_depth(path), ())
        return [route for route in found if route.path_regex.match(path)]


def _depth(path: str) -> int:
    """Return the number of parts: a parameter of a route is always one of them."""
    return path.count("/")

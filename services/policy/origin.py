"""Where the current request comes from: its way in and its network, kept with what it changes."""

from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any, Literal

from services.chassis.http.budgets.networks import UNKNOWN, networks_in

Way = Literal["api", "page", "command_line", "import", "scim", "graph"]
# The command line says its name; whoever else says it is taken at their word.
COMMAND_LINE = "bookwith"
_CALLER = "audited_caller"
_SHOWN_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Origin:
    """How a request has come, and from which network; None for work that starts here."""

    way: Way
    network: str | None = None


origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


def note_caller(scope: MutableMapping[str, Any], who: str) -> None:
    """Say in whose name a request comes, where neither a token nor a session tells."""
    scope.setdefault("state", {})[_CALLER] = who


def noted_caller(scope: MutableMapping[str, Any]) -> str | None:
    """Return in whose name a request comes, if that was said."""
    noted: str | None = scope.get("state", {}).get(_CALLER)
    return noted


def noted_origin() -> dict[str, object]:
    """Return what is kept with each event of the current request."""
    current = origin.get()
    return {} if current is None else {"origin": asdict(current)}


def way_of(path: str, user_agent: str) -> Way:
    """Return how a request comes."""
    if path.startswith("/scim/"):
        return "scim"
    if path.endswith("/users:import"):
        return "import"
    if not path.startswith("/api/"):
        return "page"
    return "command_line" if user_agent.partition("/")[0] == COMMAND_LINE else "api"


def shortened(network: str) -> str:
    """Return a larger network around one customer's: an administrator's home is not kept."""
    if network == UNKNOWN:
        return UNKNOWN
    [found] = networks_in(network)
    return str(found.supernet(new_prefix=_SHOWN_BITS[found.version]))

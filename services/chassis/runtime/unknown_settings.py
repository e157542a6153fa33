"""Settings in the environment that nobody reads: most often a name that is written wrongly."""

import importlib
import pkgutil
from collections.abc import Mapping
from contextlib import suppress

import services
from services.chassis.runtime.settings import Settings

PREFIX = "BOOKWITH_"
# Of the local stack and of other tools, which hand their environment on.
_TOOLS = frozenset(("INSTANCES", "PORTS", "PORT_OFFSET", "STATE_DIR", "WRITE_GOLDEN"))


def unknown_settings(environment: Mapping[str, str]) -> list[str]:
    """Return the names that begin as ours do, and are a setting of no service.

    One environment may serve all of them, so those of the other services that are installed here
    are known, and their addresses.
    """
    known = {f"{PREFIX}{name}" for name in _TOOLS}
    for package in pkgutil.iter_modules(services.__path__):
        known.add(f"{PREFIX}{package.name.upper()}_URL")
        with suppress(ModuleNotFoundError):
            module = importlib.import_module(f"services.{package.name}.settings")
            for kind in vars(module).values():
                if isinstance(kind, type) and issubclass(kind, Settings):
                    known.update(f"{PREFIX}{name.upper()}" for name in kind.model_fields)
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)

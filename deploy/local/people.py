"""The demo organization's people, as the OpenID provider knows them."""

import re
from typing import Any

SIGN_IN_NAMES = ("anna", "bo", "ada", "otto")
ROLES = {
    "anna": ["organizer"],
    "bo": ["organizer"],
    "ada": ["administrator"],
    "otto": ["operator"],
}
ORGANIZER = re.compile(r"organizer-[1-9]\d{0,5}")


def claims(name: str) -> dict[str, Any] | None:
    """Return what the provider says about a person, or None for a stranger."""
    roles = ["organizer"] if ORGANIZER.fullmatch(name) else ROLES.get(name)
    if roles is None:
        return None
    return {
        "name": name.replace("-", " ").capitalize(),
        "preferred_username": name,
        "email": f"{name}@example.test",
        "email_verified": True,
        "zoneinfo": "Europe/Copenhagen",
        "locale": "en",
        "roles": roles,
    }

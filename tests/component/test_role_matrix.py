"""Each route of each service by each role, out of the OpenAPI documents: who is let in.

Nobody here has things of their own: what becomes of those whose things they are is in
tests/security/test_route_matrix.py.
"""

import re
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest

from services.availability import app as availability
from services.availability.settings import AvailabilitySettings
from services.booking import app as booking
from services.booking.settings import BookingSettings
from services.notifier import app as notifier
from services.notifier.settings import NotifierSettings
from services.policy import app as policy
from services.policy.settings import PolicySettings
from tests.component.provider import AUDIENCE, Provider
from tests.component.running import Running, migrated, running, settings
from tests.security.route_access import ACCESS, BODIES, WANTED
from tests.security.route_access import Caller as CallerOfBooking

Caller = Literal[
    "nobody", "no role", "organizer", "administrator", "operator", "wrong audience", "expired"
]
LET_IN = "let in"
Row = Mapping[Caller, int | str]


def row(nobody: int | str, no_role: int | str, *others: int | str) -> Row:
    """Return who is answered how."""
    organizer, administrator, operator = others
    unknown = nobody if nobody == LET_IN else 401
    return {
        "nobody": nobody,
        "no role": no_role,
        "organizer": organizer,
        "administrator": administrator,
        "operator": operator,
        "wrong audience": unknown,
        "expired": unknown,
    }


PUBLIC = row(LET_IN, LET_IN, LET_IN, LET_IN, LET_IN)
ADMINISTRATORS = row(401, 403, 403, LET_IN, 403)
OPERATORS = row(401, 403, 403, LET_IN, LET_IN)
SIGNED_IN = row(401, LET_IN, LET_IN, LET_IN, LET_IN)
WITH_PAGE = row(401, 403, LET_IN, LET_IN, 403)
MAILS = row(401, 403, LET_IN, LET_IN, LET_IN)
# Behind a secret of their own, or not there.
PROVISIONING = row(401, 401, 401, 401, 401)

# By the beginning of `METHOD /path`; the first that fits counts. A new route needs its place here.
ROUTES: Mapping[str, tuple[tuple[str, Row], ...]] = {
    "availability": (
        ("GET /api/availability/v1/slots", PUBLIC),
        ("GET /api/availability/v1/explain", SIGNED_IN),
        *(
            (f"{method} /api/availability/v1/calendars", WITH_PAGE)
            for method in ("GET", "POST", "PATCH", "DELETE")
        ),
    ),
    "notifier": (
        ("GET /api/notifier/v1/deliveries", MAILS),
        ("GET /api/notifier/v1/undelivered", MAILS),
        ("POST /api/notifier/v1/deliveries/{delivery_id}/retry", MAILS),
    ),
    "policy": (
        ("GET /api/policy/v1/operator/", OPERATORS),
        *((f"{method} /api/policy/v1/", ADMINISTRATORS) for method in ("GET", "PATCH", "PUT")),
        *((f"{method} /api/policy/v1/", ADMINISTRATORS) for method in ("POST", "DELETE")),
        *((f"{method} /scim/v2", PROVISIONING) for method in ("GET", "POST", "PUT")),
        *((f"{method} /scim/v2", PROVISIONING) for method in ("PATCH", "DELETE")),
    ),
}
_AVAILABILITY = "/api/availability/v1"
ASKED_ABOUT_A_TYPE = (f"{_AVAILABILITY}/slots", f"{_AVAILABILITY}/explain")
_CALENDAR = {"kind": "caldav", "address": "https://127.0.0.1:1/"}
OF_CALENDARS: Mapping[tuple[str, str], dict[str, str]] = {
    ("POST", f"{_AVAILABILITY}/calendars"): _CALENDAR,
    ("POST", f"{_AVAILABILITY}/calendars/preview"): _CALENDAR,
    ("POST", f"{_AVAILABILITY}/calendars/discover"): {"address": _CALENDAR["address"]},
    ("PATCH", f"{_AVAILABILITY}/calendars/{{calendar_id}}"): {"name": "x"},
}
EVERYWHERE = ("GET /livez", "GET /readyz", "GET /problems/{kind}")
# What booking's own matrix calls the callers.
OF_BOOKING: Mapping[Caller, CallerOfBooking] = {
    "nobody": "nobody",
    "organizer": "another organizer",
    "administrator": "an administrator",
    "operator": "an operator",
}


def headers(sign_in: Provider) -> Mapping[Caller, dict[str, str]]:
    """Return what each caller sends; both tokens that are not good are an administrator's."""
    claims: dict[str, Any] = {"sub": "ada", "roles": ["administrator", "operator", "organizer"]}
    return {
        "nobody": {},
        "no role": sign_in.signed_in("nils"),
        "organizer": sign_in.signed_in("bo", "organizer"),
        "administrator": sign_in.signed_in("ada", "administrator"),
        "operator": sign_in.signed_in("otto", "operator"),
        "wrong audience": sign_in.with_claims(**claims, aud=f"not-{AUDIENCE}"),
        "expired": sign_in.with_claims(**claims, exp=time.time() - 3600),
    }


@asynccontextmanager
async def served(service: str, url: str, kafka: str, sign_in: Provider) -> AsyncIterator[Running]:
    """Run the service's HTTP alone."""
    nowhere = "http://127.0.0.1:1"
    kinds: Mapping[str, tuple[Any, Any, dict[str, Any]]] = {
        "booking": (
            booking.build,
            BookingSettings,
            {"availability_url": nowhere, "budget_factor": 1_000_000},
        ),
        "availability": (availability.build, AvailabilitySettings, {}),
        "notifier": (
            notifier.build,
            NotifierSettings,
            {"smtp_url": "smtp://127.0.0.1:1", "sender": "B <b@bookwith.example>"},
        ),
        "policy": (policy.build, PolicySettings, {}),
    }
    build, kind, more = kinds[service]
    held = settings(kind, migrated(url, service), kafka, sign_in.issuer, **more)
    async with running(build, held, "http") as process:
        yield process


async def operations(process: Running) -> list[tuple[str, str]]:
    document = (await process.http.get("/openapi.json")).json()
    return [(method.upper(), path) for path, found in document["paths"].items() for method in found]


def wanted(service: str, method: str, path: str, caller: Caller) -> int | str | None:
    """Return how the route answers the caller; None where the matrix does not know the route."""
    route = f"{method} {path}"
    if route in EVERYWHERE:
        return LET_IN
    if service != "booking":
        rows = (found for start, found in ROUTES[service] if route.startswith(start))
        found = next(rows, None)
        return None if found is None else found[caller]
    access = ACCESS.get((method, path))
    if access is None:
        return None
    if caller in OF_BOOKING:
        return WANTED[access][OF_BOOKING[caller]]
    nobody = WANTED[access]["nobody"]
    # Who has no role is an organizer to be, or has nothing to do with booking at all.
    return ANY if caller == "no role" else nobody


ANY = "any"


def fits(status: int, wanted: int | str) -> bool:
    """Tell whether the answer is of the class; nothing is there: whoever is let in may see 404."""
    if wanted == ANY:
        return status != 500
    if wanted in (401, 403):
        return status == wanted
    return status not in (401, 403, 500)


@pytest.mark.parametrize("service", ["booking", "availability", "notifier", "policy"])
async def test_every_route_lets_the_roles_in_that_the_matrix_says(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    service: str,
) -> None:
    callers = headers(sign_in)
    async with served(service, database_url_factory(service), kafka_bootstrap, sign_in) as process:
        found = await operations(process)
        wrong, new_id = [], str(uuid.uuid4())
        for method, template in found:
            path = re.sub(r"{[^}]*}", lambda _: new_id, template.replace("{number}", "1"))
            for caller, sent in callers.items():
                expected = wanted(service, method, template, caller)
                answer = await process.http.request(
                    method,
                    path,
                    params={"meeting_type_id": str(uuid.uuid4()), "start": "2027-01-11T09:00:00Z"}
                    if template in ASKED_ABOUT_A_TYPE
                    else None,
                    json=_body(service, method, template),
                    headers={**sent, "If-Match": "*"},
                )
                # A token that is not good gives no more than none; it may be refused where none is.
                refused = caller in ("wrong audience", "expired") and answer.status_code == 401
                if expected is None or not (refused or fits(answer.status_code, expected)):
                    wrong.append((caller, method, template, answer.status_code, expected))

    assert [] == wrong
    assert len(found) > len(EVERYWHERE)


def _body(service: str, method: str, template: str) -> Any:
    if method == "GET":
        return None
    if service == "availability":
        return OF_CALENDARS.get((method, template))
    if service != "booking":
        return (
            {"reason": "x", "users": [{"user": "x"}]} if ":import" in template else {"reason": "x"}
        )
    text = BODIES.get((method, template))
    filled = {
        "type_id": str(uuid.uuid4()),
    }
    if isinstance(text, dict):
        return {
            name: value.format(**filled) if isinstance(value, str) else value
            for name, value in text.items()
        }
    return text

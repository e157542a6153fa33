"""Each route of booking by each kind of caller, from the OpenAPI document: who is let in."""

import itertools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.routing import Route

from deploy.local.stack import LocalStack
from services.booking import app as booking
from services.policy.web import routers as policy
from tests.e2e.client import BOOKING, StackClients, after, new_key
from tests.security.route_access import ACCESS, BODIES, WANTED, Access, Caller

# The tests share their organizers: each takes times that no other takes.
hours = itertools.count(0)
OF_ADA = {"display_name": "Ada", "email": "ada@example.test", "time_zone": "UTC"}


def filled(body: Any, ids: Mapping[str, str]) -> Any:
    """Return the body with the ids in the place of their names in braces."""
    text = json.dumps(body)
    for name, id_ in ids.items():
        text = text.replace(f"{{{name}}}", id_)
    return json.loads(text)


def free_time() -> str:
    return after(10, next(hours))


async def operations(clients: StackClients) -> list[tuple[str, str]]:
    document = (await clients.client("booking").get("/openapi.json")).json()
    return [(method.upper(), path) for path, found in document["paths"].items() for method in found]


async def things(clients: StackClients) -> tuple[dict[str, str], dict[str, str]]:
    """Return one of each thing that Anna has by its name in addresses, and tokens for it."""
    anna = await clients.organizer("anna")
    kind = await anna.meeting_type()
    private = await anna.meeting_type(visibility="private")
    link = await anna.link(private["id"], max_uses=None)
    booked = await clients.visitor().book(kind["id"], free_time(), "vera@visitors.example")
    assert booked.status_code == 201, booked.text
    times = {"meeting_type_id": private["id"], "starts": [free_time()]}
    offered = await anna.caller.send("POST", f"{BOOKING}/offers", times)
    assert offered.status_code == 201, offered.text
    ids = {
        "offer_id": offered.json()["id"],
        "type_id": kind["id"],
        "link_id": link["id"],
        "booking_id": booked.json()["id"],
        "attendee_id": kind["id"],
        "erasure_id": kind["id"],
        "handle": "anna",
        "token": link["token"],
        "kind": "not-found",
    }
    return ids, {"X-Manage-Token": booked.json()["manage_token"]}


async def callers(clients: StackClients) -> dict[Caller, Mapping[str, str]]:
    """Return the headers of those who have nothing to do with Anna's things."""
    bo = await clients.organizer("bo")
    ada = clients.signed_in("ada")
    made = await ada.send("PUT", f"{BOOKING}/page", {**OF_ADA, "handle": new_key()[:12]})
    assert made.status_code in (200, 201), made.text
    kind = await bo.meeting_type()
    others = await clients.visitor().book(kind["id"], free_time(), "wim@visitors.example")
    assert others.status_code == 201, others.text
    return {
        "nobody": {},
        "another organizer": bo.caller.headers,
        "another attendee": {"X-Manage-Token": others.json()["manage_token"]},
        "an administrator": ada.headers,
        "an operator": clients.signed_in("otto").headers,
    }


def is_wanted(status: int, access: Access, caller: Caller) -> bool:
    """Tell whether the answer is of the class that the matrix has; `let in` is none of refusals."""
    wanted = WANTED[access][caller]
    return status == wanted if isinstance(wanted, int) else status not in (401, 403, 404, 500)


async def test_every_route_answers_each_caller_as_the_matrix_says(
    stack: LocalStack, clients: StackClients
) -> None:
    ids, attendee = await things(clients)
    found = await operations(clients)
    unknown = sorted(set(found) ^ set(ACCESS))
    assert unknown == [], "give each route its access in route_access.py"
    wrong = []

    async def ask(route: tuple[str, str], caller: Caller, headers: Mapping[str, str]) -> None:
        method, template = route
        answer = await clients.client("booking").request(
            method,
            template.format(**ids),
            json=filled(BODIES.get(route), ids),
            headers={**headers, "Idempotency-Key": new_key()},
        )
        if not is_wanted(answer.status_code, ACCESS[route], caller):
            wrong.append((caller, *route, answer.status_code, answer.text[:200]))

    for caller, headers in (await callers(clients)).items():
        for route in found:
            await ask(route, caller, headers)
    # Those whose things they are come last, and what ends a thing last of all.
    for route in sorted(found, key=lambda each: (each[0] == "DELETE", each[0] != "GET")):
        if ACCESS[route] in (Access.BOOKING, Access.ANSWER):
            await ask(route, "its attendee", attendee)
    for route in sorted(found, key=lambda each: (each[0] == "DELETE", each[0] != "GET")):
        await ask(route, "its organizer", clients.signed_in("anna").headers)

    assert wrong == [], "\n".join(map(str, wrong))


async def test_every_page_behind_the_sign_in_leads_strangers_there_and_takes_no_form(
    clients: StackClients,
) -> None:
    """A bearer token opens no page: a browser sends none by itself, and no page is an API."""
    wrong = []
    for service, routers in (("booking", booking.ROUTERS), ("policy", policy.ROUTERS)):
        http = clients.client(service)
        for method, path in pages_behind_the_sign_in(routers):
            form = {"form": "x"} if method == "POST" else None
            for headers in ({}, clients.signed_in("ada").headers):
                answer = await http.request(method, path, data=form, headers=headers)
                led = answer.headers.get("location", "").startswith("/sign-in?to=")
                if not (led if method == "GET" else answer.status_code == 403):
                    wrong.append((service, method, path, answer.status_code))

    assert [] == wrong


def pages_behind_the_sign_in(routers: Iterable[APIRouter]) -> list[tuple[str, str]]:
    """Return each method and address, with ids in the place of names."""
    return [
        (method, re.sub(r"{[^}]*}", "01a22c6f-0000-7000-8000-000000000000", route.path))
        for router in routers
        for route in router.routes
        if isinstance(route, Route) and route.path.startswith(("/organizer", "/admin"))
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


async def test_a_token_of_one_kind_is_none_of_another(clients: StackClients) -> None:
    ids, attendee = await things(clients)
    tokens: dict[str, Any] = {"manage": attendee["X-Manage-Token"], "link": ids["token"]}
    http = clients.client("booking")
    statuses = {
        (name, header): (await http.get(path, headers={header: token})).status_code
        for name, token in tokens.items()
        for header, path in (
            ("X-Me-Token", f"{BOOKING}/me"),
            ("X-Manage-Token", f"{BOOKING}/bookings/{ids['booking_id']}"),
        )
    }

    assert {
        ("manage", "X-Me-Token"): 401,
        ("link", "X-Me-Token"): 401,
        ("manage", "X-Manage-Token"): 200,
        ("link", "X-Manage-Token"): 404,
    } == statuses

"""Microsoft Graph: its users come, change and go, and what it asks of its clients is done."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.http.outgoing import LONGEST_PATIENCE, patience
from services.chassis.ids import new_id
from services.policy.app import build
from services.policy.directory.graph_state import GraphState
from services.policy.graph.client import PATIENCE
from services.policy.graph.syncing import Mapped, apply_page
from services.policy.graph.users import page_of
from services.policy.settings import PolicySettings
from tests.component.kafka import eventually
from tests.component.policy.administration import Administration
from tests.component.policy.graph_stand_in import CLIENT, SECRET, TENANT, Graph, graph_running
from tests.component.policy.provisioning import Client, id_of, is_allowed, okta_user
from tests.component.provider import NAMESPACE
from tests.component.running import LOGGED, running, settings

PLAN = "199a5c09-e0ca-4e37-8f7c-b05d533e1ea2"


@pytest.fixture
async def graph(administration: Administration) -> AsyncIterator[Graph]:
    """A tenant without users, which nobody has read before."""
    await administration.service.rows(
        "WITH a AS (DELETE FROM graph_state RETURNING 1), "
        "b AS (DELETE FROM directory WHERE source = 'graph' RETURNING 1) SELECT 1"
    )
    async with graph_running() as stand_in:
        yield stand_in


@pytest.fixture
async def reading(
    administration: Administration, graph: Graph, request: pytest.FixtureRequest
) -> AsyncIterator[None]:
    """Another process of the service, which reads the tenant."""
    held = settings(
        PolicySettings,
        administration.service.database.url,
        administration.service.kafka,
        administration.sign_in.issuer,
        **{
            "graph_tenant": TENANT,
            "graph_client_id": CLIENT,
            "graph_client_secret": SECRET,
            "graph_url": f"{graph.url}/v1.0",
            "graph_sign_in_url": graph.url,
            "graph_seconds": 0.1,
            "graph_service_plan": PLAN,
            **getattr(request, "param", {}),
        },
    )
    async with running(build, held, "http", "timers"):
        yield


def somebody() -> str:
    """Return the object id of a user whom no other test has."""
    return str(new_id())


def plan(status: str) -> list[dict[str, str]]:
    other = {"servicePlanId": "another", "capabilityStatus": "Enabled", "service": "exchange"}
    return [other, {"servicePlanId": PLAN.upper(), "capabilityStatus": status, "service": "x"}]


async def seen(administration: Administration, user: str) -> dict[str, Any] | None:
    answer = await administration.call("GET", f"/users?search={id_of(user)}")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found[0] if found else None


async def until(administration: Administration, user: str, **wanted: Any) -> dict[str, Any]:
    """Wait until the user is as wanted; return them."""
    last: dict[str, Any] = {}

    async def is_so() -> bool:
        last.clear()
        last.update(await seen(administration, user) or {})
        return bool(last) and wanted.items() <= last.items()

    await eventually(is_so, f"{wanted} of {last}")
    return last


async def test_users_come_in_pages_with_their_names_accounts_and_plans(
    administration: Administration, graph: Graph, reading: None
) -> None:
    users = [somebody() for _ in range(5)]
    for number, user in enumerate(users):
        graph.tell(
            user,
            userPrincipalName=f"{user}@bridges.example",
            displayName=f"Person {number}",
            mail=f"{user}@bridges.example" if number else None,
            accountEnabled=number != 1,
            assignedPlans=plan("Enabled" if number != 2 else "Suspended"),
        )

    for number, user in enumerate(users):
        found = await until(administration, user, display_name=f"Person {number}")
        assert (number not in (1, 2), number != 1, "graph", user) == (
            found["enabled"],
            found["active"],
            found["source"],
            found["external_id"],
        )
        assert {"plan": PLAN, "assigned": True, "enabled": number != 2} == found["licence"]
    assert 1 == graph.signed_in
    assert "$select=" in graph.asked[0]


async def test_a_change_and_a_removal_come_by_the_kept_link_and_are_audited(
    administration: Administration, graph: Graph, reading: None
) -> None:
    user, deleted = somebody(), somebody()
    for each in (user, deleted):
        graph.tell(each, displayName=f"Name {each}", accountEnabled=True, assignedPlans=[])
    await until(administration, user, enabled=False)  # by the licence
    graph.tell(user, assignedPlans=plan("Warning"))
    await until(administration, user, enabled=True, display_name=f"Name {user}")
    questions = len([each for each in graph.asked if "select" in each])

    graph.remove(user, "changed")
    graph.remove(deleted, "deleted")

    await until(administration, user, active=False, display_name=f"Name {user}")
    await until(administration, deleted, active=False, display_name=None, source=None)
    graph.tell(user, accountEnabled=True)
    await until(administration, user, enabled=True)
    assert questions == len([each for each in graph.asked if "select" in each])
    rows = await administration.service.rows(
        "SELECT data FROM events WHERE stream = %s AND type = 'UserPolicyChanged'",
        f"user-{id_of(user)}",
    )
    assert {("graph", "Microsoft Graph")} == {
        (row["data"]["by"], row["data"]["reason"]) for row in rows
    }


async def test_after_410_all_is_read_anew_and_who_has_gone_meanwhile_is_off(
    administration: Administration, graph: Graph, reading: None
) -> None:
    stays, goes = somebody(), somebody()
    for each in (stays, goes):
        graph.tell(each, accountEnabled=True, assignedPlans=plan("Enabled"))
    await until(administration, goes, enabled=True)
    await until(administration, stays, enabled=True)

    graph.changes = [each for each in graph.changes if each["id"] != goes]
    graph.forgotten += 1

    await until(administration, goes, active=False)
    assert True is (await until(administration, stays))["enabled"]


async def test_a_tenant_that_shows_nobody_switches_nobody_off(
    administration: Administration, graph: Graph, reading: None
) -> None:
    user = somebody()
    graph.tell(user, accountEnabled=True, assignedPlans=plan("Enabled"))
    await until(administration, user, enabled=True)
    graph.changes.clear()
    graph.forgotten += 1
    before = len(graph.asked)

    async def asked_more() -> bool:
        return len(graph.asked) > before + 4

    await eventually(asked_more, "the questions after")
    assert True is (await until(administration, user))["active"]


async def test_a_page_that_another_process_was_faster_with_is_put_aside(
    administration: Administration, graph: Graph
) -> None:
    mapped = Mapped(tenant=TENANT, namespace=NAMESPACE, identity="id", plan=None)
    first, second = somebody(), somebody()
    pages = [
        page_of({"value": [{"id": user, "accountEnabled": True}], "@odata.deltaLink": "next"})
        for user in (first, second)
    ]

    kept = []
    for page in pages:  # both were asked for when nothing had been read yet
        async with administration.service.database.transaction() as connection:
            kept.append(await apply_page(connection, mapped, GraphState(), page))

    assert [True, False] == kept
    assert None is not await seen(administration, first)
    assert None is await seen(administration, second)


@pytest.mark.parametrize("status", [429, 503])
async def test_graph_is_asked_again_when_it_says_and_not_before(
    administration: Administration, graph: Graph, reading: None, status: int
) -> None:
    async def is_asked() -> bool:
        return len(graph.asked) >= 2

    await eventually(is_asked, "the first questions")
    graph.refusals.append((status, {"Retry-After": "2"}))

    async def is_refused() -> bool:
        return not graph.refusals

    await eventually(is_refused, "the refusal")
    count, user = len(graph.asked), somebody()
    graph.tell(user, accountEnabled=True)
    [began] = await administration.service.rows("SELECT clock_timestamp() AS at")
    await until(administration, user, active=True)
    [ended] = await administration.service.rows("SELECT clock_timestamp() AS at")
    assert count + 1 <= len(graph.asked)
    assert 1.0 < (ended["at"] - began["at"]).total_seconds()


async def test_what_graph_does_not_answer_as_it_should_changes_nothing_and_is_asked_again(
    administration: Administration, graph: Graph, reading: None
) -> None:
    user, wrong = somebody(), somebody()
    graph.refusals += [(500, {}), (403, {}), (302, {"Location": "/elsewhere"})]
    graph.tell(user, accountEnabled=True)
    await until(administration, user, active=True)

    graph.tell(wrong, accountEnabled="yes")
    before = len(graph.asked)

    async def asked_more() -> bool:
        return len(graph.asked) > before + 3

    await eventually(asked_more, "the questions after")
    assert None is await seen(administration, wrong)
    graph.changes.pop()
    graph.tell(user, accountEnabled=False)
    await until(administration, user, active=False)


async def test_a_link_to_another_place_is_not_followed(
    administration: Administration, graph: Graph, reading: None
) -> None:
    async with graph_running() as other:
        graph.elsewhere = other.url
        user = somebody()
        graph.tell(user, accountEnabled=True)
        await until(administration, user, active=True)
        logged = len(LOGGED.getvalue())

        async def is_refused() -> bool:
            return "a link to another place" in LOGGED.getvalue()[logged:] or other.reached > 0

        await eventually(is_refused, "the refusal of the link")
        assert 0 == other.reached


async def test_an_account_that_scim_provisions_is_scims_and_its_licence_graphs(
    administration: Administration, graph: Graph, reading: None
) -> None:
    user = somebody()
    client = Client(administration.service.http)
    made = await client.created(okta_user(user, active=False))

    graph.tell(user, accountEnabled=True, displayName="Graph's", assignedPlans=plan("Enabled"))

    found = await until(
        administration, user, licence={"plan": PLAN, "assigned": True, "enabled": True}
    )
    assert (False, "Test User", "scim") == (
        found["active"],
        found["display_name"],
        found["source"],
    )
    assert not await is_allowed(administration, made)


@pytest.mark.parametrize(
    "reading",
    [{"graph_identity": "userPrincipalName", "graph_service_plan": None}],
    indirect=True,
)
async def test_the_principal_name_names_the_person_where_the_settings_say_so(
    administration: Administration, graph: Graph, reading: None
) -> None:
    user, name = somebody(), f"{somebody()}@bridges.example"
    graph.tell(user, userPrincipalName=name, accountEnabled=True, assignedPlans=plan("Enabled"))
    found = await until(administration, name, user_name=name)
    graph.tell(user, accountEnabled=False)

    assert None is found["licence"]  # without a plan they are left alone
    await until(administration, name, active=False)
    graph.remove(user, "deleted")
    await until(administration, name, user_name=None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, PATIENCE),
        ("7", 7.0),
        ("0", 1.0),
        ("999999999999", LONGEST_PATIENCE),
        ("soon", PATIENCE),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1.0),
        ("Wed, 21 Oct 2115 07:28:00 GMT", LONGEST_PATIENCE),
    ],
)
def test_how_long_to_wait_is_in_seconds_or_a_date_and_bounded(
    header: str | None, seconds: float
) -> None:
    assert seconds == patience(header, PATIENCE)

"""Each setting on a running process: what was set is what the process does."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from aiohttp import web

from contracts.capabilities import PRIVATE_LINK
from contracts.policy import AccessGranted
from deploy.settings_table import OWN
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.identity.sessions import Sessions
from services.chassis.ids import person_id
from services.chassis.runtime.settings import Settings
from tests.component.booking.booking_service import day, vera
from tests.component.kafka import OtherServices, eventually, skip_to_the_end
from tests.component.notifier.booked_meeting import BookedMeeting
from tests.component.provider import Provider, serving
from tests.component.running import migrated
from tests.running_service import RunningService, free_port, started
from tests.smtp_server import ScriptedServer

ROOT = Path(__file__).parents[2]
HERE = "tests/component/test_settings.py"
API = "/api/booking/v1"
NAMESPACE = UUID("6f2a0c1e-0000-4000-8000-0000000000aa")
KEYS = "3:" + "QUFB" * 10 + "QUFBQQ,7:" + "QkJC" * 10 + "QkJCQg"
HOST = "127.0.0.3"

# Where each setting is observed: here, or in the test that is named.
OBSERVED_ELSEWHERE = {
    "http_connections": "tests/unit/chassis/test_connection_bounds.py::"
    "test_connections_past_the_bound_with_requests_under_way_are_503",
    "shutdown_grace_seconds": "tests/unit/chassis/test_draining.py::"
    "test_readiness_says_no_while_requests_are_still_answered",
    "http_port_shared": "tests/integration/test_process.py::"
    "test_a_second_process_on_the_port_is_refused_unless_both_share_it",
    "oidc_any_audience": "tests/unit/chassis/test_settings.py::"
    "test_without_an_audience_the_service_starts_only_when_that_is_said",
    "verification_seconds": "tests/component/booking/test_verification.py::"
    "test_an_address_that_is_not_proven_in_time_ends_the_booking_and_frees_its_link",
    "held_data_link_minutes": "tests/component/booking/test_held_data.py::"
    "test_a_link_works_until_it_expires",
    "page_email_link_minutes": "tests/component/booking/test_page_email.py::"
    "test_the_link_works_until_it_expires_and_the_address_is_forgotten",
    "attendee_retention_days": "tests/component/booking/test_held_data.py::"
    "test_after_some_days_the_timer_erases_whose_meeting_is_over",
}
_BRAND = "tests/unit/booking/test_brand.py::"
OBSERVED_ELSEWHERE |= dict.fromkeys(
    ("organization_name", "organization_colour", "organization_logo"),
    f"{_BRAND}test_pages_have_the_organizations_name_colour_and_logo",
)
_BUDGETS = "tests/component/booking/test_budgets.py::"
OBSERVED_ELSEWHERE |= {
    "budget_network": f"{_BUDGETS}"
    "test_a_network_that_has_used_its_budget_up_is_told_when_to_come_again",
    "budget_address": f"{_BUDGETS}test_a_mail_address_has_a_budget_whatever_the_network",
    "budget_link": f"{_BUDGETS}test_a_link_has_a_budget_of_its_own",
    "budget_visitor_holds": f"{_BUDGETS}"
    "test_a_visitor_holds_a_few_times_at_once_and_what_ends_is_given_back",
    "budget_network_holds": f"{_BUDGETS}"
    "test_browsers_of_one_network_are_told_apart_and_hold_as_many_as_the_network_may",
    "budget_organizer": f"{_BUDGETS}test_the_organizer_sees_until_when_their_visitors_are_refused",
    "budget_total": f"{_BUDGETS}"
    "test_all_visitors_together_have_a_budget_which_leaves_the_organizer_alone",
    "budget_factor": f"{_BUDGETS}test_the_factor_multiplies_every_budget",
    "budget_grace_seconds": f"{_BUDGETS}"
    "test_while_nothing_can_be_counted_visitors_are_refused_and_the_organizer_goes_on",
    "trusted_proxies": f"{_BUDGETS}test_a_lying_header_from_elsewhere_changes_nothing",
    "form_minimum_seconds": "tests/component/booking/test_form_guards.py::"
    "test_a_form_that_comes_back_at_once_is_shown_again_with_what_was_typed_and_then_taken",
}
_SIGN_IN = "tests/component/booking/test_organizer_sign_in.py::"
OBSERVED_ELSEWHERE |= {
    "pages_url": f"{_SIGN_IN}test_the_provider_is_asked_as_the_settings_say",
    "oidc_client_id": f"{_SIGN_IN}test_the_provider_is_asked_as_the_settings_say",
    "oidc_scopes": f"{_SIGN_IN}test_the_provider_is_asked_as_the_settings_say",
    "oidc_client_secret": f"{_SIGN_IN}test_an_organizer_signs_in_at_a_real_provider_and_out_again",
    "session_idle_seconds": f"{_SIGN_IN}test_a_session_lasts_as_long_as_the_settings_say",
    "session_seconds": f"{_SIGN_IN}test_a_session_lasts_as_long_as_the_settings_say",
    "oidc_groups_claim": f"{_SIGN_IN}test_groups_give_roles_to_tokens_as_the_settings_say",
    "oidc_role_groups": f"{_SIGN_IN}test_groups_give_roles_to_tokens_as_the_settings_say",
}
_SCIM = "tests/component/policy/test_scim.py::"
OBSERVED_ELSEWHERE |= {
    "scim_tokens": f"{_SCIM}test_without_the_setting_there_is_no_scim",
    "scim_identity": f"{_SCIM}test_the_external_id_names_the_person_where_the_settings_say_so",
}
_GRAPH = "tests/component/policy/test_graph.py::"
OBSERVED_ELSEWHERE |= dict.fromkeys(
    (
        "graph_tenant",
        "graph_client_id",
        "graph_client_secret",
        "graph_seconds",
        "graph_url",
        "graph_sign_in_url",
        "graph_service_plan",
    ),
    f"{_GRAPH}test_users_come_in_pages_with_their_names_accounts_and_plans",
)
OBSERVED_ELSEWHERE |= {
    "graph_identity": f"{_GRAPH}test_the_principal_name_names_the_person_where_the_settings_say_so",
}
_CALENDARS = "tests/component/availability/test_calendars.py::"
OBSERVED_ELSEWHERE |= {
    "calendar_seconds": f"{_CALENDARS}"
    "test_a_calendar_is_read_again_after_the_seconds_of_the_setting",
    "calendar_allowed_networks": "tests/component/calendars/test_connected_server.py::"
    "test_a_busy_time_on_the_server_closes_its_slot_and_the_setting_says_who_is_asked",
    "calendar_fresh_seconds": f"{_CALENDARS}"
    "test_what_was_known_counts_for_the_seconds_of_the_setting",
}
OBSERVED_HERE: dict[str, str] = {}


def observes(*settings: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say which settings the test observes."""

    def note(test: Callable[..., Any]) -> Callable[..., Any]:
        OBSERVED_HERE.update(dict.fromkeys(settings, test.__name__))
        return test

    return note


@dataclass(slots=True)
class Collector:
    """A receiver of traces."""

    address: str = ""
    paths: list[str] = field(default_factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take what is sent."""
        await request.read()
        self.paths.append(request.path)
        return web.Response()


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    runner = web.ServerRunner(web.Server(collector))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield collector
    await runner.cleanup()


@dataclass(slots=True)
class BookingProcess:
    """A process of booking in which every setting differs from its default."""

    process: RunningService
    http: httpx.AsyncClient
    database_url: str
    crash_file: Path
    free_times: list[dict[str, str]]
    traces: Collector
    signed_in: dict[str, str]
    page: dict[str, Any] = field(default_factory=dict)
    kind: dict[str, Any] = field(default_factory=dict)
    private: dict[str, Any] = field(default_factory=dict)

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a request of the signed-in organizer."""
        return await self.http.request(method, API + path, json=body, headers=self.signed_in)

    async def made(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Return what was made."""
        answer = await self.send(method, path, body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module", name="booking")
async def booking_process(
    tmp_path_factory: pytest.TempPathFactory,
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    other_services: OtherServices,
) -> AsyncIterator[BookingProcess]:
    """Booking with an organizer, whose page is open, and two types of meetings."""
    folder = tmp_path_factory.mktemp("settings")
    asked: list[dict[str, str]] = []

    def free_times(path: str, query: dict[str, str], _: dict[str, str]) -> Any:
        asked.append({"path": path, **query})
        return {"slots": [], "computed_at": "2026-01-01T00:00:00Z", "stale": False}

    await skip_to_the_end(kafka_bootstrap, "booking")
    url = migrated(database_url_factory("booking"), "booking")
    with serving(free_times) as availability:
        async with collecting() as traces:
            settings = {
                "DATABASE_URL": url,
                "DATABASE_POOL_SIZE": "3",
                "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:1,{kafka_bootstrap}",
                "OIDC_ISSUER": sign_in.issuer,
                "OIDC_AUDIENCE": "another-application",
                "OIDC_IDENTITY_CLAIM": "person.id",
                "OIDC_ROLES_CLAIM": "https://acme.example/roles",
                "ORGANIZATION_NAMESPACE": str(NAMESPACE),
                "PUBLIC_URL": "https://times.acme.example",
                "TOKEN_KEYS": KEYS,
                "HTTP_HOST": HOST,
                "HTTP_PORT": str(free_port()),
                "INSTANCE": "spare",
                "ENVIRONMENT": "test",
                "CRASH_FILE": str(folder / "crash"),
                "LOG_LEVEL": "debug",
                "LOG_REQUESTS": "0",
                "LOG_BATCHES": "0",
                "OTLP_ENDPOINT": traces.address,
                "AVAILABILITY_URL": availability,
                "NOTIFIER_URL": availability,
                "HOLD_SECONDS": "77",
                "LINK_DEFAULT_DAYS": "5",
                "LINK_MINIMUM_SECONDS": "7200",
                "VERDICT_WAIT_SECONDS": "0",
                "JITSI_URL_TEMPLATE": "https://rooms.acme.example/{booking_id}",
            }
            named = {f"BOOKWITH_{name}": value for name, value in settings.items()}
            with started("booking", folder / "log", named) as process:
                async with httpx.AsyncClient(base_url=process.address, timeout=30) as client:
                    claims: dict[str, Any] = {
                        "aud": "another-application",
                        "person": {"id": "anna"},
                        "email": "anna@acme.example",
                        "https://acme.example/roles": "organizer",
                    }
                    signed_in = sign_in.with_claims(**claims)
                    made = BookingProcess(
                        process, client, url, folder / "crash", asked, traces, signed_in
                    )
                    await _prepare(made, other_services)
                    yield made
                if process.process.poll() is None:  # the collector takes what is flushed
                    assert await asyncio.to_thread(process.stop) == 0


async def _prepare(booking: BookingProcess, other_services: OtherServices) -> None:
    await asyncio.to_thread(booking.process.wait_until_alive)
    profile = {"handle": "anna"}
    booking.page = await booking.made(
        "PUT", "/page", {**profile, "time_zone": "Europe/Copenhagen", "locale": "da"}
    )
    await other_services.publish(
        AccessGranted(
            user_id=person_id(NAMESPACE, "anna"), rule="ews_enabled", decided_by="default"
        )
    )
    await booking.made("POST", "/page/publish")

    async def available() -> bool:
        return bool((await booking.made("GET", "/page"))["available"])

    await eventually(available, "an open page")
    kind = {"title": "Coffee", "duration_minutes": 30}
    booking.kind = await booking.made("POST", "/meeting-types", kind)
    hidden = {**kind, "title": "Interview", "visibility": "private"}
    booking.private = await booking.made("POST", "/meeting-types", hidden)


def seconds_until(instant: str) -> float:
    return (datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds()


@observes(
    "oidc_issuer",
    "oidc_audience",
    "oidc_identity_claim",
    "oidc_roles_claim",
    "organization_namespace",
)
async def test_sign_in_follows_its_settings(booking: BookingProcess, sign_in: Provider) -> None:
    usual = sign_in.signed_in("anna", "organizer")
    refused = await booking.http.get(f"{API}/page", headers=usual)

    assert booking.page["organizer_id"] == str(person_id(NAMESPACE, "anna"))
    assert refused.status_code == 401


@observes("public_url", "token_keys", "link_default_days")
async def test_a_link_has_its_address_its_key_and_its_life(booking: BookingProcess) -> None:
    link = await booking.made("POST", f"/meeting-types/{booking.private['id']}/links", {})
    grant = KeyRing.parse(KEYS).read(PRIVATE_LINK, link["token"])
    older = KeyRing.parse(KEYS.partition(",")[0]).read(PRIVATE_LINK, link["token"])

    assert booking.page["url"].startswith("https://times.acme.example/")
    assert grant is not None
    assert (str(grant.id), older) == (link["id"], None)  # the last key signs
    assert 0 <= timedelta(days=5).total_seconds() - seconds_until(link["expires_at"]) < 60


@observes("link_minimum_seconds")
async def test_a_link_lives_at_least_as_long_as_is_set(booking: BookingProcess) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=7000)).isoformat()
    later = (datetime.now(UTC) + timedelta(seconds=7300)).isoformat()
    links = f"/meeting-types/{booking.private['id']}/links"

    assert (await booking.send("POST", links, {"expires_at": soon})).status_code == 422
    assert (await booking.send("POST", links, {"expires_at": later})).status_code == 201


@observes("jitsi_url_template")
async def test_online_meetings_on_jitsi_are_where_it_is_set(booking: BookingProcess) -> None:
    asked = {"provider": "jitsi", "enabled": False}
    made = await booking.made("PUT", "/page/online-meeting", asked)

    assert "https://rooms.acme.example/{booking_id}" == made["url_template"]


@observes("hold_seconds", "verdict_wait_seconds")
async def test_a_time_is_held_as_long_as_is_set_and_no_verdict_is_waited_for(
    booking: BookingProcess,
) -> None:
    asked = {"meeting_type_id": booking.kind["id"], "start": day(3), "attendee": vera()}
    began = time.monotonic()
    answer = await booking.http.post(f"{API}/bookings", json=asked)
    took = time.monotonic() - began

    assert answer.status_code == 202
    assert took < 1.9  # the default waits for two seconds
    assert 60 < seconds_until(answer.json()["hold_expires_at"]) <= 77


@observes("availability_url")
async def test_free_times_are_asked_for_where_it_is_set(booking: BookingProcess) -> None:
    answer = await booking.http.get(f"/with/anna/{booking.kind['slug']}")

    assert answer.status_code == 200
    assert {"/api/availability/v1/slots"} == {asked["path"] for asked in booking.free_times}


@observes("notifier_url")
async def test_what_became_of_mails_is_asked_for_where_it_is_set(booking: BookingProcess) -> None:
    """With a session of the pages: they ask in the organizer's name."""
    who = Principal(
        id=person_id(NAMESPACE, "anna"),
        identity="anna",
        roles=frozenset({"organizer"}),
        name="Anna",
        email="anna@acme.example",
    )
    hours = timedelta(hours=1)
    sessions = Sessions(KeyRing.parse(KEYS), NAMESPACE, idle=hours, absolute=hours)
    sealed = sessions.sealed(sessions.begin(who, datetime.now(UTC)))
    answer = await booking.http.get("/organizer", headers={"Cookie": f"__Host-bw_session={sealed}"})

    assert answer.status_code == 200
    assert "/api/notifier/v1/undelivered" in {asked["path"] for asked in booking.free_times}


@observes("http_host", "http_port")
async def test_it_listens_where_it_is_set_and_nowhere_else(booking: BookingProcess) -> None:
    elsewhere = booking.process.address.replace(HOST, "127.0.0.1")

    assert (await booking.http.get("/livez")).status_code == 200
    with pytest.raises(httpx.ConnectError):
        await booking.http.get(f"{elsewhere}/livez")


@observes("database_url", "database_pool_size")
async def test_as_many_connections_are_open_as_are_set(booking: BookingProcess) -> None:
    count = (
        "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), "
        "count(*) FILTER (WHERE query NOT LIKE 'LISTEN%%') FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with await psycopg.AsyncConnection.connect(booking.database_url) as blocker:
        await blocker.execute("LOCK TABLE events")
        waiting = [asyncio.create_task(booking.send("GET", "/page")) for _ in range(8)]
        async with await psycopg.AsyncConnection.connect(
            booking.database_url, autocommit=True
        ) as other:

            async def all_wait() -> tuple[int, int] | None:
                row = await (await other.execute(count)).fetchone()
                return row if row is not None and row[0] >= 2 else None

            await eventually(all_wait, "connections that wait")
            await asyncio.sleep(0.5)  # for a fourth connection, if there were one
            row = await (await other.execute(count)).fetchone()
        await blocker.rollback()
    await asyncio.gather(*waiting)

    assert row is not None
    assert row[1] - 1 == 3  # and the blocker's


@observes("kafka_bootstrap_servers")
async def test_any_of_the_brokers_that_are_named_is_found(booking: BookingProcess) -> None:
    async def joined() -> bool:
        return not (await booking.http.get("/readyz")).json()["degraded"]

    await eventually(joined, "a process without anything degraded")


@observes("instance", "log_level", "log_requests", "log_batches")
async def test_lines_have_the_instance_and_begin_at_the_level(
    booking: BookingProcess, tmp_path: Path
) -> None:
    answer = await booking.http.get("/api/nothing")
    with started("policy", tmp_path / "log", {"BOOKWITH_LOG_LEVEL": "error"}) as silent:
        silent.wait_until_alive()
        silent.wait_for(lambda: httpx.get(f"{silent.address}/readyz").status_code == 503)
        code = silent.stop()
    levels = {json.loads(line)["level"] for line in silent.output().splitlines()}
    lines = [json.loads(line) for line in booking.process.output().splitlines()]

    assert answer.status_code == 404
    assert (code, levels - {"error"}) == (0, set())
    assert {"spare"} == {line["instance"] for line in lines}
    assert "batch_applied" not in {line["event"] for line in lines}
    assert {404} <= {line["status"] for line in lines if line["event"] == "request"}
    assert {200, 201}.isdisjoint(line["status"] for line in lines if line["event"] == "request")


@observes("otlp_endpoint")
async def test_traces_go_where_it_is_set(booking: BookingProcess) -> None:
    async def sent() -> bool:
        await booking.http.get("/livez")
        await booking.send("GET", "/page")
        return bool(booking.traces.paths)

    await eventually(sent, "a trace")
    assert {"/v1/traces"} == set(booking.traces.paths)


async def test_metrics_are_there_at_zero(booking: BookingProcess) -> None:
    said = (await booking.http.get("/metrics")).text.splitlines()
    samples = dict(line.rsplit(" ", 1) for line in said if not line.startswith("#"))

    for zero in (
        'bookwith_events_appended_total{type="BookingCancelled"}',
        'bookwith_refusals_total{command="move",reason="ChangeTooLate"}',
        'bookwith_dead_letters_total{reason="refused",topic="policy.events.v1"}',
        'bookwith_sequence_gaps_total{topic="availability.events.v1"}',
        'bookwith_timers_fired_total{kind="hold",outcome="failed"}',
        "bookwith_holds_expired_total",
    ):
        assert samples[zero] == "0.0"
    assert samples['bookwith_events_appended_total{type="PageCreated"}'] == "1.0"
    assert [name for name in samples if name.startswith("bookwith_build_info{")]


def arm(crash_file: Path) -> None:
    Path(f"{crash_file}.booking").write_text("store.appended 1")


@observes("environment", "crash_file")
async def test_a_crash_point_is_armed_by_the_file_that_is_set(booking: BookingProcess) -> None:
    arm(booking.crash_file)
    with pytest.raises(httpx.TransportError):
        await booking.send("POST", "/meeting-types", {"title": "Late", "duration_minutes": 30})

    assert booking.process.ended() == -signal.SIGKILL


@pytest.fixture(scope="module")
async def notifier(
    tmp_path_factory: pytest.TempPathFactory,
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
) -> AsyncIterator[ScriptedServer]:
    """The mail server of a notifier in which every setting of mail differs from its default."""
    await skip_to_the_end(kafka_bootstrap, "notifier")
    server = ScriptedServer()
    await server.open()
    settings = {
        "BOOKWITH_DATABASE_URL": migrated(database_url_factory("notifier"), "notifier"),
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap,
        "BOOKWITH_SMTP_URL": server.url,
        "BOOKWITH_SENDER": "Times of Acme <times@acme.example>",
        "BOOKWITH_SMTP_TIMEOUT_SECONDS": "1.5",
        "BOOKWITH_MAIL_SENDERS": "3",
    }
    with started("notifier", tmp_path_factory.mktemp("settings") / "log", settings) as process:
        await asyncio.to_thread(process.wait_until_alive)
        yield server
    await server.close()


@observes("smtp_url", "sender", "smtp_timeout_seconds", "mail_senders")
async def test_mails_go_where_from_whom_and_as_fast_as_is_set(
    notifier: ScriptedServer, other_services: OtherServices
) -> None:
    slow = BookedMeeting()
    notifier.answers(slow.visitor, ["stall"])  # for a minute; the sender gives up before
    await other_services.publish(slow.page_created(), slow.recorded(), slow.confirmed())

    async def tried_again() -> bool:
        return bool(notifier.mails_to(slow.visitor))

    began = time.monotonic()
    await eventually(tried_again, "the mail that was stalled")
    notifier.seconds_for_each = 0.5
    many = [BookedMeeting() for _ in range(4)]
    for each in many:
        await other_services.publish(each.page_created(), each.recorded(), each.confirmed())

    async def all_taken() -> bool:
        return all(notifier.mails_to(each.visitor) for each in many)

    await eventually(all_taken, "the mails of all meetings")

    assert time.monotonic() - began < 15  # the default for one attempt
    assert notifier.mails_to(slow.visitor)[0]["From"] == "Times of Acme <times@acme.example>"
    assert notifier.most_at_once == 3


def test_every_setting_is_observed_on_a_running_process() -> None:
    known = {**dict.fromkeys(OBSERVED_HERE, HERE), **OBSERVED_ELSEWHERE}
    kinds: list[type[Settings]] = [Settings, *OWN.values()]
    settings = {name for kind in kinds for name in kind.model_fields}
    missing_tests = [
        where
        for where in OBSERVED_ELSEWHERE.values()
        if f"def {where.partition('::')[2]}(" not in (ROOT / where.partition("::")[0]).read_text()
    ]

    assert settings - known.keys() == set()
    assert known.keys() - settings == set()
    assert missing_tests == []

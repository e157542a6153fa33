"""Questions to the parts of a stack that show whether they work, not only whether they run."""

import json
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from deploy.local.client import Unreachable, call
from deploy.local.postgres import binaries
from deploy.local.processes import last_lines
from deploy.local.state import PartState

DEADLINE_SECONDS = 3
READY_SECONDS = 5  # a service itself waits for up to three for each of its own
# Kafka's ApiVersions request, version 0, without a client's name.
_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
_SIGN_IN_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# What a part writes last when the cause is not its own.
_CAUSES = ("No space left on device", "Address already in use", "Permission denied")


def why_postgres_does_not_answer(url: str) -> str | None:
    """Ask PostgreSQL for a row; return why there is none."""
    command = (str(binaries() / "psql"), "--no-psqlrc", "-qtAc", "SELECT 1", url)
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "2"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"does not answer within {DEADLINE_SECONDS} s"
    if done.returncode == 0:
        return None
    return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "does not answer"


def why_kafka_does_not_answer(bootstrap_servers: str) -> str | None:
    """Ask one of the brokers what it speaks; return why none answers."""
    why = "no broker is named"
    for server in bootstrap_servers.split(","):
        host, _, port = server.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), DEADLINE_SECONDS) as connection:
                connection.sendall(_API_VERSIONS)
                if connection.recv(4):
                    return None
                why = f"{server} closed the connection"
        except TimeoutError:
            why = f"{server} does not answer within {DEADLINE_SECONDS} s"
        except OSError as error:
            why = f"{server}: {error.strerror or error}"
    return why


def why_the_provider_cannot_be_used(issuer: str) -> str | None:
    """Read the OpenID provider's discovery document; return why nobody could sign in by it."""
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = call("GET", address, timeout=DEADLINE_SECONDS)
    except (Unreachable, TimeoutError) as error:
        return str(error) or f"does not answer within {DEADLINE_SECONDS} s"
    try:
        document = answer.json()
        named = document["issuer"]
        missing = [name for name in _SIGN_IN_ENDPOINTS if name not in document]
    except (ValueError, KeyError, TypeError):
        return f"has no discovery document there (status {answer.status})"
    if named != issuer:
        return f"calls itself {named}"
    return f"its discovery document has no {', '.join(missing)}" if missing else None


def what_is_not_ready(url: str) -> Mapping[str, str]:
    """Ask a service whether it is ready; return what is not, by part; `itself`: no answer."""
    try:
        answer = call("GET", f"{url}/readyz", timeout=READY_SECONDS)
    except (Unreachable, TimeoutError) as error:
        return {"itself": str(error)}
    try:
        document = json.loads(answer.body)
        return {**document["not_ready"], **document["degraded"]}
    except (ValueError, KeyError, TypeError):
        return {"itself": f"/readyz answers {answer.status}"}


def is_stopped(process: psutil.Process | None) -> bool:
    """Tell whether the process was stopped by a signal, as Ctrl-Z does."""
    try:
        return process is not None and process.status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def environment_of(process: psutil.Process) -> Mapping[str, str]:
    """Return with which settings the process runs; none of one that has just ended."""
    try:
        return process.environ()
    except psutil.Error:
        return {}


def how_it_ended(part: PartState) -> str:
    """Return how the part's last process ended, and what its log says of the cause."""
    log = last_lines(Path(part.log)) if part.log else ""
    said = next((cause for cause in _CAUSES if cause in log), "")
    because = f", its log says: {said}" if said else ""
    if part.exit_code is None:
        return f"{part.state}{because}"
    ended = f"exit code {part.exit_code}"
    if part.exit_code < 0:
        ended = f"killed by {signal.Signals(-part.exit_code).name}"
    return f"{part.state} after it ended ({ended}){because}"

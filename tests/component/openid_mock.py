"""The local stack's OpenID provider as a process: `oidc-provider-mock` with the demo people."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.running_service import free_port

HOST = "127.0.0.1"
SECONDS_TO_START = 60


@contextmanager
def openid_mock(folder: Path) -> Iterator[str]:
    """Serve the provider while the block runs; yield its issuer."""
    port = free_port()
    command = (sys.executable, "-m", "deploy.local.oidc", HOST, str(port), str(folder))
    with subprocess.Popen(command) as process:
        issuer = f"http://{HOST}:{port}"
        try:
            _wait_until_it_answers(process, issuer)
            yield issuer
        finally:
            process.terminate()


async def signed_in_at(address: str, name: str) -> dict[str, str]:
    """Sign in at the provider as the person; return what it sends the browser back with."""
    async with httpx.AsyncClient(timeout=30) as there:
        answer = await there.post(address, data={"sub": name})
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", issuer: str) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        assert process.poll() is None, "the provider has ended"
        try:
            httpx.get(f"{issuer}/.well-known/openid-configuration")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the provider does not answer")

"""`bookwith policy` in this process, against a policy service that runs in one of its own."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local import bookwith
from services.operations.command_line import Installation, run
from tests.component.provider import AUDIENCE, NAMESPACE, Provider
from tests.component.running import KEYS, PUBLIC_URL, migrated
from tests.running_service import started

BROWSED = "/api/policy/v1"


@dataclass(frozen=True, slots=True)
class Done:
    """What a command has printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Return what --json printed."""
        return json.loads(self.out)["data"]

    @property
    def error(self) -> Any:
        """Return what --json printed of a failure."""
        return json.loads(self.out)["error"]


@dataclass(slots=True)
class Shell:
    """A shell whose environment says where policy is, and who types."""

    url: str
    sign_in: Provider
    home: Path

    def token(self, identity: str = "ada", *roles: str) -> str:
        """Return an access token."""
        header = self.sign_in.signed_in(identity, *(roles or ("administrator",)))
        return header["Authorization"].removeprefix("Bearer ")

    def policy(self, *words: str, **environment: str | None) -> Done:
        """Run a command of `bookwith policy` as ada, an administrator, unless told."""
        chosen = {
            "BOOKWITH_TOKEN": self.token(),
            "BOOKWITH_POLICY_URL": self.url,
            "XDG_STATE_HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            **environment,
        }
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as shell:
            for name, value in chosen.items():
                if value is None:
                    shell.delenv(name, raising=False)
                else:
                    shell.setenv(name, value)
            shell.setattr(sys, "argv", ["bookwith", "policy", *words])
            with redirect_stdout(out), redirect_stderr(err):
                code = _code()
        return Done(code, out.getvalue(), err.getvalue())

    def done(self, *words: str) -> str:
        """Run a command that is to succeed; return what it printed."""
        done = self.policy(*words)
        assert done.code == 0, done.err + done.out
        return done.out

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call the API as another administrator does."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told["Authorization"] = f"Bearer {self.token('grace')}"
        return httpx.request(method, f"{self.url}{BROWSED}{path}", json=body, headers=told)

    def as_at_first(self) -> None:
        """Bring the organization to where nothing is set."""
        body: dict[str, Any] = {
            "EwsEnabled": None,
            "EwsApplicationAccessPolicy": None,
            "EwsAllowList": [],
            "EwsBlockList": [],
            "mode": "both_must_allow",
            "licence_default": True,
            "reason": "A test",
            "confirm": True,
        }
        answer = self.call("PATCH", "/organization", body, If_Match="*")
        assert answer.status_code == 200, answer.text


def _code() -> int:
    try:
        run(Installation(bookwith.LOCAL_STACK))
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@contextmanager
def policy_service(database_url: str, kafka: str, sign_in: Provider, folder: Path) -> Iterator[str]:
    """Run a policy service in a process of its own while the block runs; yield its address.

    It neither publishes nor consumes: the tests beside it own the topics.
    """
    settings = {
        "BOOKWITH_DATABASE_URL": migrated(database_url, "policy"),
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "BOOKWITH_OIDC_ISSUER": sign_in.issuer,
        "BOOKWITH_OIDC_AUDIENCE": AUDIENCE,
        "BOOKWITH_ORGANIZATION_NAMESPACE": str(NAMESPACE),
        "BOOKWITH_PUBLIC_URL": PUBLIC_URL,
        "BOOKWITH_TOKEN_KEYS": KEYS,
    }
    with started("policy", folder / "policy.log", settings, roles="http,timers") as service:
        service.wait_until_alive()
        yield service.address

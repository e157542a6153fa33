"""A local stack from Python, for tests, demo and benchmarks: `with LocalStack(...) as stack:`."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Self

from deploy.local import secret_values, service_parts
from deploy.local.addresses import Addresses
from deploy.local.settings import FOUNDATION, ROOT, TAKEN_FROM, all_services
from deploy.local.sign_in import sign_in
from deploy.local.state import PartState, StackState, StateFile

START_SECONDS = 180.0
STOP_SECONDS = 60.0


class StackFailed(Exception):
    """The stack did not start; the words are what it printed."""


class LocalStack:
    """One stack with a supervisor of its own, which ends when this process ends.

    Without a state folder it gets a throw-away one. `environment` is added to what every process
    is told; `parts` of the foundation, all of it when there are services. What it prints while it
    starts is passed on to `say`.
    """

    def __init__(
        self,
        state_dir: Path | None = None,
        *,
        instances: int = 1,
        ports: Literal["free", "fixed"] = "free",
        services: bool | Sequence[str] = True,
        parts: Sequence[str] = FOUNDATION,
        seed: bool = False,
        environment: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        chosen = (all_services() if services else ()) if isinstance(services, bool) else services
        self._command = [
            *(sys.executable, "-m", "deploy.local", "--with-parent"),
            *("--services", ",".join(chosen), "--parts", ",".join(parts)),
            *(() if seed else ("--no-seed",)),
            *(("--throw-away",) if state_dir is None else ()),
        ]
        self._added = tuple(environment or ())
        self._environment = {
            **os.environ,
            "BOOKWITH_INSTANCES": str(instances),
            "BOOKWITH_PORTS": ports,
            **(environment or {}),
        }
        self._say = say
        self._folder = ExitStack()
        self._wanted_folder = state_dir
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Start it, and wait until everything is ready."""
        self.state_dir = self._wanted_folder or Path(
            self._folder.enter_context(tempfile.TemporaryDirectory(prefix="bookwith-"))
        )
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self._environment["BOOKWITH_STATE_DIR"] = str(self.state_dir)
        self._output = self.state_dir / "supervisor.log"
        with self._output.open("wb") as output:
            self._supervisor = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_running()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it; a throw-away folder goes too."""
        self.stop()

    def stop(self) -> None:
        """Stop everything, as Ctrl-C does."""
        if self._supervisor.poll() is None:
            self._supervisor.terminate()
            self._supervisor.wait(STOP_SECONDS)
        self._folder.close()

    @property
    def state(self) -> StackState:
        """Return what the supervisor says of itself and of its parts."""
        state = StateFile(self.state_dir).read()
        if state is None:
            raise StackFailed("there is no state file")
        return state

    def parts(self) -> dict[str, PartState]:
        """Return all parts by their names, with pids, states and restarts."""
        return {part.name: part for part in self.state.parts}

    @property
    def addresses(self) -> Addresses:
        """Return the addresses of this run."""
        taken = {
            part: self._environment[name]
            for part, name in TAKEN_FROM.items()
            if self._environment.get(name)
        }
        return Addresses(self.state.ports, taken)

    def url(self, part: str) -> str:
        """Return the address of a service or a part."""
        return self.addresses.url(part)

    @property
    def kafka(self) -> str:
        """Return the bootstrap servers."""
        return self.addresses.kafka

    @property
    def smtp_url(self) -> str:
        """Return where mail is handed in."""
        return self.addresses.smtp_url

    @property
    def inbox_url(self) -> str:
        """Return where mail is read."""
        return self.addresses.url("inbox")

    @property
    def oidc_url(self) -> str:
        """Return the issuer."""
        return self.addresses.oidc_url

    def database_url(self, database: str) -> str:
        """Return the URL of one database."""
        return self.addresses.database_url(database)

    def environment(self, service: str, instance: str = "1") -> dict[str, str]:
        """Return the settings that a process of the service is given, to run one more of it."""
        made = secret_values.read_or_make(self.state_dir, self._environment)
        caller = self._environment
        own = service_parts.environment(self.addresses, made, service, instance, caller)
        return {**{name: caller[name] for name in self._added}, **own}

    def token(self, name: str) -> str:
        """Return an access token of a demo person; the same one each time."""
        if name not in self._tokens:
            self._tokens[name] = sign_in(self.oidc_url, name).token
        return self._tokens[name]

    def organizer_id(self, name: str) -> str:
        """Return the id that the person has in all services."""
        made = secret_values.read_or_make(self.state_dir, self._environment)
        return secret_values.organizer_id(made.organization_namespace, name)

    def kill(self, part: str, with_signal: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a part's process and return its pid."""
        process = self.parts()[part].process()
        if process is None:
            raise ProcessLookupError(part)
        process.send_signal(with_signal)
        return process.pid

    def hold(self, part: str) -> None:
        """Kill a part and keep it down until it is released: an outage."""
        held = self.state_dir / "held"
        held.mkdir(exist_ok=True)
        (held / part).touch()
        self.kill(part)

    def release(self, part: str) -> None:
        """Let the supervisor start a part that was held."""
        (self.state_dir / "held" / part).unlink(missing_ok=True)

    def wait_for(self, part: str, *, restarts: int = 0, seconds: float = 30) -> PartState:
        """Wait until a part runs and was started again at least so often."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.parts()[part]
            if found.state in ("running", "external") and found.restarts >= restarts:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{part} is {found.state} after {found.restarts} restarts")
            time.sleep(0.05)

    def output(self) -> str:
        """Return what the supervisor has printed."""
        return self._output.read_text(errors="replace")

    def _wait_until_running(self) -> None:
        deadline, said = time.monotonic() + START_SECONDS, 0
        while self._supervisor.poll() is None and time.monotonic() < deadline:
            said = self._pass_on(said)
            state = StateFile(self.state_dir).read()
            if state and state.pid == self._supervisor.pid and state.state == "running":
                return
            time.sleep(0.05)
        self._pass_on(said)
        raise StackFailed(self.output())

    def _pass_on(self, said: int) -> int:
        """Repeat what the supervisor has printed since; return how many lines that makes."""
        lines = self.output().split("\n")[:-1]
        for line in lines[said:]:
            if self._say is not None:
                self._say(line)
        return len(lines)

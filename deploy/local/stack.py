"""A local stack started from Python: for tests, the demo, benchmarks and `bookwith up`."""

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

from deploy.local import plan
from deploy.local.addresses import Addresses
from deploy.local.people import sign_in
from deploy.local.settings import (
    FOUNDATION,
    ROOT,
    TAKEN_FROM,
    all_services,
    organizer_id,
    secret_values,
)
from deploy.local.state import PartState, StackState, StateFile, make_private

START_TIMEOUT_SECONDS = 180.0
STOP_TIMEOUT_SECONDS = 60.0


class StackFailed(Exception):
    """The stack did not start; the message is what it printed."""


class SupervisorProcess:
    """A supervisor started by this process; what it prints is in `supervisor.log`."""

    def __init__(
        self, state_dir: Path, options: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        make_private(state_dir)
        self._state_file = StateFile(state_dir)
        self._output = state_dir / "supervisor.log"
        self._output.touch(mode=0o600)
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", *options],
                cwd=ROOT,
                env={**environment, "BOOKWITH_STATE_DIR": str(state_dir)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_running(self, say: Callable[[str], None]) -> None:
        """Wait until all parts are ready, passing on what is printed; stop it if that fails."""
        try:
            self._wait(say)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, as Ctrl-C does."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(STOP_TIMEOUT_SECONDS)

    def output(self) -> str:
        """Return what the supervisor has printed."""
        return self._output.read_text(errors="replace")

    def _wait(self, say: Callable[[str], None]) -> None:
        deadline, printed = time.monotonic() + START_TIMEOUT_SECONDS, 0
        running, alive = False, True
        while alive and not running and time.monotonic() < deadline:
            time.sleep(0.05)
            # Both before the output is read: what was printed until then is passed on.
            alive, running = self._process.poll() is None, self._is_running()
            lines = self.output().split("\n")[:-1]
            for line in lines[printed:]:
                say(line)
            printed = len(lines)
        if not running:
            raise StackFailed(self.output())

    def _is_running(self) -> bool:
        state = self._state_file.read()
        return state is not None and (state.pid, state.state) == (self._process.pid, "running")


class LocalStack:
    """One stack with a supervisor of its own, which ends when this process ends.

    Without a state folder it gets a temporary one. `environment` is added to the settings of every
    process; `parts` names parts of the foundation, which is complete when there are services. What
    the supervisor prints while it starts is passed on to `say`.
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
        self._options = (
            *("--with-parent", "--services", ",".join(chosen), "--parts", ",".join(parts)),
            *(() if seed else ("--no-seed",)),
            *(("--throw-away",) if state_dir is None else ()),
        )
        self._added = tuple(environment or ())
        self._environment = {
            **os.environ,
            "BOOKWITH_INSTANCES": str(instances),
            "BOOKWITH_PORTS": ports,
            **(environment or {}),
        }
        self._say = say or (lambda line: None)
        self._folder = ExitStack()
        self._wanted_folder = state_dir
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Start it, and wait until everything is ready."""
        self.state_dir = self._wanted_folder or Path(
            self._folder.enter_context(tempfile.TemporaryDirectory(prefix="bookwith-"))
        )
        self._supervisor = SupervisorProcess(self.state_dir, self._options, self._environment)
        try:
            self._supervisor.wait_until_running(self._say)
        except BaseException:
            self._folder.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it; a temporary folder is removed."""
        self.stop()

    def stop(self) -> None:
        """Stop everything, as Ctrl-C does."""
        self._supervisor.stop()
        self._folder.close()

    @property
    def state(self) -> StackState:
        """Return the state of the supervisor and of its parts."""
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
        secrets = secret_values(self.state_dir, self._environment)
        caller = self._environment
        own = plan.environment(self.addresses, secrets, service, instance, caller)
        return {**{name: caller[name] for name in self._added}, **own}

    def token(self, name: str) -> str:
        """Return an access token of a demo person; the same one each time."""
        if name not in self._tokens:
            self._tokens[name] = sign_in(self.oidc_url, name).token
        return self._tokens[name]

    def organizer_id(self, name: str) -> str:
        """Return the id that the person has in all services."""
        secrets = secret_values(self.state_dir, self._environment)
        return organizer_id(secrets.organization_namespace, name)

    def kill(self, part: str, with_signal: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a part's process and return its pid."""
        process = self.parts()[part].process()
        if process is None:
            raise ProcessLookupError(part)
        process.send_signal(with_signal)
        return process.pid

    def hold(self, part: str) -> None:
        """Kill a part and keep it down until it is released, as in an outage."""
        held = self.state_dir / "held"
        held.mkdir(mode=0o700, exist_ok=True)
        (held / part).touch(mode=0o600)
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
        return self._supervisor.output()

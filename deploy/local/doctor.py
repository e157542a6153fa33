"""What can be wrong with the local stack, checked one by one."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.local import addresses, settings
from deploy.local.client import Unreachable, call
from deploy.local.kafka import broker, jars
from deploy.local.state import StackState, StateFile


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was checked, what was found, and what to type if it is not good."""

    what: str
    good: bool
    found: str
    remedy: str = ""


def findings() -> list[Finding]:
    """Check everything."""
    state = StateFile(settings.state_dir()).read()
    if state is None or state.supervisor() is None:
        return [_python(), _java(), _jars(), *_not_running(state)]
    return [_python(), _java(), _jars(), *_running(state)]


def line(finding: Finding) -> str:
    """Return a finding as it is printed."""
    mark = "[green]ok[/green]" if finding.good else "[red]no[/red]"
    remedy = "" if finding.good else f"\n     {finding.remedy}"
    return f"{mark}   {finding.what}: {finding.found}{remedy}"


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    return Finding("Python", good, version, "Install Python 3.11 or later.")


def _java() -> Finding:
    try:
        return Finding("Java", True, broker.find_java())
    except broker.NoJava as error:
        return Finding("Java", False, str(error), "Remove .venv and type `make run`.")


def _jars() -> Finding:
    if (jars.cache() / "jars.sha256").is_file():
        return Finding("Kafka's jars", True, str(jars.cache()))
    if shutil.which("mvn"):
        return Finding("Kafka's jars", True, "not downloaded yet; `make run` does that")
    return Finding("Kafka's jars", False, "missing, and so is mvn", "apt-get install maven")


def _not_running(state: StackState | None) -> Iterator[Finding]:
    if state is not None and (left := state.left_behind()):
        found = f"it was killed; {len(left)} of its processes still run"
        yield Finding("supervisor", False, found, "`bookwith down` ends them.")
        return
    wanted = settings.from_environment(services=settings.all_services())
    yield Finding("stack", True, "not running; `make run` starts it")
    taken = addresses.taken(wanted, addresses.choose(wanted))
    found = "; ".join(taken) or "free"
    yield Finding("ports", not taken, found, "BOOKWITH_PORT_OFFSET=100 moves all of them.")


def _running(state: StackState) -> Iterator[Finding]:
    for part in state.parts:
        if part.state == "external":
            yield Finding(part.name, True, f"your own, at {part.url}")
        elif part.process() is None:
            yield Finding(part.name, False, part.state, f"Read {part.log}")
        elif part.role == "service":
            yield _service(part.name, part.url or "", part.log or "")
        else:
            yield Finding(part.name, part.state == "running", part.state, f"Read {part.log}")


def _service(name: str, url: str, log: str) -> Finding:
    try:
        answer = call("GET", f"{url}/readyz", timeout=3)
    except Unreachable as error:
        return Finding(name, False, str(error), f"Read {log}")
    text = "ready" if answer.status == 200 else answer.body.decode(errors="replace")
    return Finding(name, answer.status == 200, text, f"Read {log}")

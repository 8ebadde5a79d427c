"""The command line that every service has: `python -m services.<name> {api,worker,all,migrate,openapi,…}`.

`api` serves HTTP, `worker` relays and consumes, `all` does both in one process (the local stack), `migrate` brings
database and topics up to date, `openapi` prints the contract. SIGTERM and SIGINT end each in order, with status 0.
`dead-letters`, `republish` and `after-restore` are for operations, as are the commands that a service adds
(`docs/operations.md`).
"""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from shared.commands.command import Command, Desk
from shared.commands.performing import perform
from shared.db.engine import Role, create_engine
from shared.db.schema import schema_check
from shared.db.session import Database
from shared.dead_letters.commands import DEAD_LETTERS
from shared.dead_letters.counting import count_dead_letters
from shared.garbage import collect_rarely
from shared.http.health import Health, create_health_app, database_check
from shared.http.openapi import dump
from shared.http.protocol import BoundedProtocol
from shared.kafka.reachable import broker_check
from shared.kafka.subscription import Subscription
from shared.kafka.topics import create_topics
from shared.logging import configure_logging
from shared.outbox.signal import RelaySignal
from shared.settings import ServiceSettings
from shared.states.checking import check_topic
from shared.states.commands import AFTER_RESTORE, REPUBLISH
from shared.states.floors import lift_restored
from shared.states.published import PublishedStates
from shared.waiting import set_within
from shared.worker import Job, WorkerHealth, run_worker

_GRACE_SECONDS: Final = 10
"""For requests under way when the process is told to end: as long as the longest wait of a reader."""
_BACKLOG: Final = 2048
_TICK_SECONDS: Final = 1.0
"""How old the time in the answers' `Date` may be."""
_TICKS_OF_UVICORN: Final = 10

_PROCESSES: Final = {
    "api": "serve HTTP",
    "worker": "relay and consume",
    "all": "both in one process",
    "migrate": "bring database and topics up to date",
    "openapi": "print the contract",
}

T = TypeVar("T")

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What one service is made of. `create_app` takes the settings."""

    name: str
    settings: type[ServiceSettings]
    create_app: Callable[[Any], FastAPI]
    subscriptions: Callable[[Database], Sequence[Subscription]]
    jobs: Callable[[Any, Database], Sequence[Job]]
    migrations: Path
    published: PublishedStates
    commands: Sequence[Command] = ()
    """For operations, beside those of every service."""


def main(service: Service, argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns the status to exit with: 1 for what it found, 2 where it could not be done."""
    arguments = _parser(service).parse_args(argv)
    command: str = arguments.command
    if command == "openapi":
        return _print_contract(service)
    try:
        settings = service.settings()
    except ValidationError as error:
        sys.stderr.write(_unset(service, error))
        return 2
    log = sys.stdout if command in _PROCESSES else sys.stderr
    configure_logging(service=service.name, role=command, level=settings.log_level, stream=log)
    try:
        return _perform(arguments, service, settings)
    except Exception:  # noqa: BLE001 - not left to the interpreter: its traceback quotes what the log masks
        _log.exception("service_failed", command=command)
        return 2


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, summary in _PROCESSES.items():
        commands.add_parser(name, help=summary)
    for command in (DEAD_LETTERS, REPUBLISH, AFTER_RESTORE, *service.commands):
        of_command = commands.add_parser(
            command.name, help=command.summary, description=command.summary, epilog=command.statuses
        )
        of_command.set_defaults(run=command.run)
        command.add_arguments(of_command)
    return parser


def _unset(service: Service, error: ValidationError) -> str:
    """Which settings are missing or wrong. pydantic's own message would show all others, passwords too."""
    prefix = service.settings.model_config.get("env_prefix", "")
    found = error.errors(include_input=False, include_url=False)
    return "".join(f"{prefix}{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}\n" for one in found)


def _perform(arguments: argparse.Namespace, service: Service, settings: ServiceSettings) -> int:
    command: str = arguments.command
    if command not in _PROCESSES:
        return _run(_operate(arguments, service, settings))
    if command == "migrate":
        # Nothing else needs Alembic, which would take nearly a tenth of every start.
        from shared.db.migrations import upgrade  # noqa: PLC0415

        upgrade(service.migrations, settings.database_url)
        servers, namespace = settings.kafka_bootstrap_servers, settings.kafka_namespace
        _run(create_topics(servers, namespace, replication=settings.kafka_replication))
    else:
        _run(_serve(service, settings, api=command != "worker", worker=command != "api"))
    return 0


def _run(program: Coroutine[Any, Any, T]) -> T:
    collect_rarely()
    try:
        import uvloop  # noqa: PLC0415 - does not exist on Windows
    except ImportError:
        return asyncio.run(program)
    return uvloop.run(program)


async def _operate(arguments: argparse.Namespace, service: Service, settings: ServiceSettings) -> int:
    async with _worker_database(settings) as database:
        desk = Desk(database, service.subscriptions(database), service.published, settings)
        return await perform(arguments.run, desk, arguments)


@asynccontextmanager
async def _worker_database(settings: ServiceSettings, *, by_index: bool = False) -> AsyncIterator[Database]:
    engine = create_engine(
        settings.database_url,
        service=settings.service,
        role=Role.WORKER,
        pool_size=settings.database_pool_size,
        by_index=by_index,
    )
    database = Database(engine)
    try:
        yield database
    finally:
        await RelaySignal.of(engine).close()
        await database.close()


def _print_contract(service: Service) -> int:
    """The contract depends on no environment, so neither does printing it."""
    nowhere = service.settings(database_url="postgresql://nobody@localhost/none")
    sys.stdout.write(dump(service.create_app(nowhere).openapi()))
    return 0


async def _serve(service: Service, settings: ServiceSettings, *, api: bool, worker: bool) -> None:
    """Run until a signal comes or a part fails; then HTTP ends, and after it the worker publishes what is left."""
    stopping, drained = asyncio.Event(), asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stopping.set)
    if api:
        app = service.create_app(settings)
        health: Health = app.state.health
        # The application opens its database when it starts.
        health.depend_on("schema", schema_check(service.name, service.migrations, lambda: app.state.database))
        if "http_cursor_key" not in settings.model_fields_set:
            _log.warning("cursors_end_with_this_process", unset="HTTP_CURSOR_KEY")
    else:
        health = Health()
        app = create_health_app(health)
    listening = _listen(app, settings.host, settings.port if api else settings.worker_port, stopping)
    parts = [_then(listening, stopping, drained)]
    if worker:
        parts.append(_then(_work(service, settings, health, drained), stopping))
    for outcome in await asyncio.gather(*parts, return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _then(part: Coroutine[Any, Any, None], *events: asyncio.Event) -> None:
    """Run a part; however it ends, the others learn of it: a process without one of its parts ends."""
    try:
        await part
    finally:
        for event in events:
            event.set()


async def _work(service: Service, settings: ServiceSettings, health: Health, drained: asyncio.Event) -> None:
    loops = WorkerHealth()
    async with _worker_database(settings, by_index=Role.WORKER in settings.by_index) as database:
        health.watch("worker", lambda: ", ".join(loops.stalled()) or None)
        health.depend_on("worker", _assigned(loops))
        health.depend_on("database", database_check(database))
        health.depend_on("schema", schema_check(service.name, service.migrations, lambda: database))
        health.tell("broker", broker_check(settings.kafka_bootstrap_servers))
        subscriptions = service.subscriptions(database)
        await run_worker(
            settings,
            database,
            subscriptions=subscriptions,
            jobs=[
                *service.jobs(settings, database),
                *count_dead_letters(database, subscriptions),
                check_topic(settings, database, service.published),
                lift_restored(database, service.published),
            ],
            stopping=drained,
            health=loops,
        )


def _assigned(loops: WorkerHealth) -> Callable[[], Coroutine[Any, Any, str | None]]:
    async def check() -> str | None:
        return None if loops.ready else "not every consumer has its partitions yet"

    return check


async def _listen(app: FastAPI, host: str, port: int, stopping: asyncio.Event) -> None:
    with socket.create_server((host, port), backlog=_BACKLOG) as listening:
        await _serve_on(listening, app, stopping)


async def _serve_on(listening: socket.socket, app: FastAPI, stopping: asyncio.Event) -> None:
    """Serve until `stopping`; then answer what is under way."""
    server = _Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nothing asks where a request came from, or by which scheme
            timeout_keep_alive=30,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        ),
        stopping,
    )
    await server.serve(sockets=[listening])
    if not server.started:
        raise RuntimeError("the application did not start")


class _Server(uvicorn.Server):
    """Ends when it is told to. uvicorn's own looks for that ten times a second, which a stack at rest feels."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: the process listens for them, and sets the event."""
        yield

    async def main_loop(self) -> None:
        tick = 0
        while not (await self.on_tick(tick) or await set_within(self._stopping, _TICK_SECONDS)):
            tick += _TICKS_OF_UVICORN

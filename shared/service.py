"""The command line that every service has: `python -m services.<name> {api,worker,all,migrate,openapi}`.

`api` serves HTTP, `worker` relays and consumes, `all` does both in one process (the local stack), `migrate` brings
database and topics up to date, `openapi` prints the contract. SIGTERM and SIGINT end each in order, with status 0.
"""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from shared.db.engine import Role, create_engine
from shared.db.migrations import upgrade
from shared.db.session import Database
from shared.http.health import Health, create_health_app, database_check
from shared.http.openapi import dump
from shared.kafka.subscription import Subscription
from shared.kafka.topics import create_topics
from shared.logging import configure_logging
from shared.settings import ServiceSettings
from shared.worker import Job, WorkerHealth, run_worker

_GRACE_SECONDS: Final = 10
"""For requests under way when the process is told to end: as long as the longest wait of a reader."""
_BACKLOG: Final = 2048

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


def main(service: Service, argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns the status to exit with."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name}", description=__doc__)
    parser.add_argument("command", choices=["api", "worker", "all", "migrate", "openapi"])
    command: str = parser.parse_args(argv).command
    if command == "openapi":
        return _print_contract(service)
    try:
        settings = service.settings()
    except ValidationError as error:
        sys.stderr.write(_unset(service, error))
        return 2
    configure_logging(service=service.name, role=command, level=settings.log_level)
    try:
        _perform(command, service, settings)
    except Exception:  # noqa: BLE001 - not left to the interpreter: its traceback quotes what the log masks
        _log.exception("service_failed", command=command)
        return 1
    return 0


def _unset(service: Service, error: ValidationError) -> str:
    """Which settings are missing or wrong. pydantic's own message would show all others, passwords too."""
    prefix = service.settings.model_config.get("env_prefix", "")
    found = error.errors(include_input=False, include_url=False)
    return "".join(f"{prefix}{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}\n" for one in found)


def _perform(command: str, service: Service, settings: ServiceSettings) -> None:
    if command == "migrate":
        upgrade(service.migrations, settings.database_url)
        _run(create_topics(settings.kafka_bootstrap_servers, settings.kafka_namespace))
    else:
        _run(_serve(service, settings, api=command != "worker", worker=command != "api"))


def _run(program: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop  # noqa: PLC0415 - does not exist on Windows
    except ImportError:
        asyncio.run(program)
    else:
        uvloop.run(program)


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
    engine = create_engine(
        settings.database_url,
        service=settings.service,
        role=Role.WORKER,
        pool_size=settings.database_pool_size,
    )
    database, loops = Database(engine), WorkerHealth()
    health.watch("worker", lambda: ", ".join(loops.stalled()) or None)
    health.depend_on("worker", _assigned(loops))
    health.depend_on("database", database_check(database))
    try:
        await run_worker(
            settings,
            database,
            subscriptions=service.subscriptions(database),
            jobs=service.jobs(settings, database),
            stopping=drained,
            health=loops,
        )
    finally:
        await database.close()


def _assigned(loops: WorkerHealth) -> Callable[[], Coroutine[Any, Any, str | None]]:
    async def check() -> str | None:
        return None if loops.ready else "not every consumer has its partitions yet"

    return check


async def _listen(app: FastAPI, host: str, port: int, stopping: asyncio.Event) -> None:
    with socket.create_server((host, port), backlog=_BACKLOG) as listening:
        await _serve_on(listening, app, stopping)


async def _serve_on(listening: socket.socket, app: FastAPI, stopping: asyncio.Event) -> None:
    """Serve until `stopping`; then answer what is under way."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        ),
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    ending = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    server.should_exit = True
    await serving
    if not server.started:
        raise RuntimeError("the application did not start")

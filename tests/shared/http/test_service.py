"""The command line of a service: it starts, says how it is, and ends in order when it is told to."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from deploy.local.stack import Stack
from shared.http.protocol import BoundedProtocol
from tests.service import connected
from tests.shared.http.databases import core_database

ROOT: Final = Path(__file__).parents[3]
START_SECONDS: Final = 30
END_SECONDS: Final = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def environment(database_url: str, stack: Stack) -> dict[str, str]:
    ports = {"SAMPLE_PORT": str(free_port()), "SAMPLE_WORKER_PORT": str(free_port())}
    servers = {
        "SAMPLE_DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "KAFKA_NAMESPACE": f"{stack.kafka_namespace}http.",
    }
    return os.environ | servers | ports


@contextlib.asynccontextmanager
async def running(
    command: str, environment: dict[str, str], *words: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.shared.http.sample_service", command, *words),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    """Poll until /readyz is good; the process must not end meanwhile."""
    async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while not await is_ready(url, client):
            assert process.returncode is None
            await asyncio.sleep(0.05)


async def is_ready(url: str, client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def schema_told(client: httpx.AsyncClient) -> str:
    """What /readyz says of the schema, as soon as it answers."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            with contextlib.suppress(httpx.TransportError, KeyError):
                told: str = (await client.get("/readyz")).json()["checks"]["schema"]
                return told
            await asyncio.sleep(0.05)


async def until_in_flight(number: int, client: httpx.AsyncClient) -> None:
    """The question itself is one of them."""
    wanted = f"talenta_http_requests_in_flight {number}.0"
    async with asyncio.timeout(10):
        while wanted not in (await client.get("/metrics")).text:  # noqa: ASYNC110 - the other is another process
            await asyncio.sleep(0.01)


async def output_after(ending: signal.Signals, process: asyncio.subprocess.Process) -> str:
    process.send_signal(ending)
    async with asyncio.timeout(END_SECONDS):
        output, _ = await process.communicate()
    return output.decode()


@pytest.mark.parametrize(
    ("command", "port", "ending"),
    [
        ("api", "SAMPLE_PORT", signal.SIGTERM),
        ("worker", "SAMPLE_WORKER_PORT", signal.SIGTERM),
        ("all", "SAMPLE_PORT", signal.SIGINT),
    ],
)
async def test_process_serves_and_ends_with_0_on_a_signal(
    environment: dict[str, str],
    command: str,
    port: str,
    ending: signal.Signals,
) -> None:
    url = f"http://127.0.0.1:{environment[port]}"
    async with running(command, environment) as process:
        await until_ready(url, process)
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get("/livez")).status_code == 200
            answer = await client.get("/v1/board")
            assert answer.status_code == (404 if command == "worker" else 200)
            assert "server" not in answer.headers
        reader, writer = await asyncio.open_connection("127.0.0.1", int(environment[port]))
        writer.write(b"GET /livez?".ljust(BoundedProtocol.largest_head, b"x"))
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")
        writer.close()
        lines = [json.loads(line) for line in (await output_after(ending, process)).splitlines()]
        assert process.returncode == 0
        assert {(line["service"], line["role"]) for line in lines} == {("sample", command)}


@pytest.mark.parametrize(("command", "port"), [("api", "SAMPLE_PORT"), ("worker", "SAMPLE_WORKER_PORT")])
async def test_process_is_ready_once_the_schema_is_there(
    environment: dict[str, str], stack: Stack, command: str, port: str
) -> None:
    url = f"http://127.0.0.1:{environment[port]}"
    async with core_database(stack.database_url) as database_url, connected(database_url) as outside:
        await outside.execute("ALTER TABLE source.alembic_version RENAME TO to_come")
        async with (
            running(command, environment | {"SAMPLE_DATABASE_URL": database_url}) as process,
            httpx.AsyncClient(base_url=url) as client,
        ):
            assert await schema_told(client) == "migrate first (python -m services.sample migrate)"
            await outside.execute("ALTER TABLE source.to_come RENAME TO alembic_version")
            await until_ready(url, process)
            assert await schema_told(client) == "ok"


@pytest.mark.parametrize(("given", "warned"), [({}, True), ({"HTTP_CURSOR_KEY": "k" * 32}, False)])
async def test_api_warns_where_its_cursors_end_with_it(
    environment: dict[str, str], given: dict[str, str], *, warned: bool
) -> None:
    async with running("api", environment | given) as process:
        await until_ready(f"http://127.0.0.1:{environment['SAMPLE_PORT']}", process)
        lines = [json.loads(line) for line in (await output_after(signal.SIGTERM, process)).splitlines()]
    assert ("cursors_end_with_this_process" in [line["event"] for line in lines]) is warned


async def test_request_under_way_is_answered_before_the_end(environment: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{environment['SAMPLE_PORT']}"
    async with running("api", environment) as process, httpx.AsyncClient(base_url=url, timeout=20) as client:
        await until_ready(url, process)
        late = asyncio.create_task(client.get("/v1/late"))
        await until_in_flight(2, client)
        await output_after(signal.SIGTERM, process)
        assert (await late).status_code == 200
        assert process.returncode == 0


@pytest.mark.parametrize("command", ["api", "all"])
async def test_port_in_use_ends_the_process_with_an_error(environment: dict[str, str], command: str) -> None:
    with socket.create_server(("127.0.0.1", int(environment["SAMPLE_PORT"]))):
        async with running(command, environment) as process:
            async with asyncio.timeout(END_SECONDS):
                output, _ = await process.communicate()
            assert process.returncode == 2
            assert "Address already in use" in json.loads(output.splitlines()[-1])["exception"]


async def test_contract_is_printed_without_any_environment() -> None:
    bare = {"PATH": os.environ["PATH"]}
    async with running("openapi", bare) as process:
        output, _ = await process.communicate()
        assert process.returncode == 0
        assert json.loads(output)["info"]["title"] == "Sample"


async def test_command_for_operations_prints_its_result_and_nothing_else(environment: dict[str, str]) -> None:
    async with running("dead-letters", environment, "list", "--json") as process:
        output, _ = await process.communicate()
    assert process.returncode == 0
    assert json.loads(output) == {"dead_letters": [], "more": False}


async def test_failing_command_ends_with_an_error_and_quotes_no_password(environment: dict[str, str]) -> None:
    wrong = {"SAMPLE_DATABASE_URL": "siti:secret at home"}
    async with running("dead-letters", environment | wrong, "list") as process:
        output, _ = await process.communicate()
    assert process.returncode == 2
    assert json.loads(output)["event"] == "service_failed"
    assert b"secret" not in output


async def test_command_without_a_database_says_so_in_one_line(environment: dict[str, str]) -> None:
    nowhere = {"SAMPLE_DATABASE_URL": "postgresql://siti:secret@127.0.0.1:1/none"}
    async with running("dead-letters", environment | nowhere, "list") as process:
        output, _ = await process.communicate()
    assert process.returncode == 2
    assert output.startswith(b"the database is away or in trouble (ConnectionRefusedError)")
    assert (output.count(b"\n"), b"secret" in output) == (1, False)


async def test_unknown_command_is_refused() -> None:
    async with running("dance", dict(os.environ)) as process:
        await process.communicate()
        assert process.returncode == 2


async def test_missing_setting_is_named_and_no_other_shown() -> None:
    bare = {"PATH": os.environ["PATH"], "KAFKA_BOOTSTRAP_SERVERS": "user:secret@host", "SAMPLE_PORT": "many"}
    async with running("api", bare) as process:
        output, _ = await process.communicate()
    assert process.returncode == 2
    assert b"SAMPLE_DATABASE_URL: Field required" in output
    assert b"SAMPLE_PORT: " in output
    assert b"secret" not in output

"""Each service installs into an environment of its own and starts there without the other three."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local import databases
from deploy.local.databases import ServiceDatabase
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child, Register
from deploy.local.settings import SERVICES
from deploy.local.stack import Stack
from tests.ports import free_ports

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels of `shared` and of the four services, built as the image builds them."""
    folder = tmp_path_factory.mktemp("wheels")
    for part in ("shared", *(f"services/{name}" for name in SERVICES)):
        subprocess.run(
            [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
            cwd=ROOT / part,
            check=True,
            capture_output=True,
        )
    return folder


@pytest.fixture(scope="module", params=SERVICES)
def installed(
    request: pytest.FixtureRequest, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """One service in an environment of its own: its locked dependencies, `shared`, itself, nothing else."""
    service: str = request.param
    environment = tmp_path_factory.mktemp(service) / "venv"
    uv = Path(sys.executable).parent / "uv"
    _run(uv, "venv", "--quiet", "--python", sys.executable, environment)
    python = environment / "bin" / "python"
    _run(
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--require-hashes",
        "-r",
        ROOT / "requirements" / f"{service}.txt",
    )
    own = [*wheels.glob("talenta_shared-*.whl"), *wheels.glob(f"talenta_{service}-*.whl")]
    assert len(own) == 2
    _run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--offline", *own)
    return service, python


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)


def _python(python: Path, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(python), "-c", code], cwd=folder, capture_output=True, text=True, check=False)


async def test_service_migrates_serves_and_ends_alone(
    installed: tuple[str, Path], stack: Stack, tmp_path: Path
) -> None:
    service, python = installed
    name = f"alone_{service}_{os.getpid()}"
    database = ServiceDatabase(name, "alone")
    await databases.create(stack.database_url, [database])
    api, worker = free_ports(2)
    prefix = service.upper()
    # Nothing of the developer's own environment, and away from the repository: only what is installed is there.
    environment = {
        "PATH": os.environ["PATH"],
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "KAFKA_NAMESPACE": f"{name}.",
        f"{prefix}_DATABASE_URL": database.url(stack.database_url),
        f"{prefix}_PORT": str(api),
        f"{prefix}_WORKER_PORT": str(worker),
    }
    how: dict[str, Any] = {
        "register": Register(tmp_path / "processes.json"),
        "environment": environment,
        "folder": tmp_path,
    }
    command: list[str | Path] = [python, "-m", f"services.{service}"]
    await Child.run("migration", [*command, "migrate"], 60, log=tmp_path / "migrate.log", **how)
    child = Child.start(service, [*command, "all"], log=tmp_path / "all.log", **how)
    try:
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{api}") as client:

            async def ready() -> bool:
                try:
                    return (await client.get("/readyz")).is_success
                except httpx.TransportError:
                    return False

            await child.until(ready, 60)
            document = (await client.get("/openapi.json")).json()
    finally:
        await child.stop(20)
        await databases.drop(stack.database_url, [name])
    assert child.process.returncode == 0
    assert document["openapi"] == "3.1.0"


def test_service_finds_its_migrations_and_reference_data(installed: tuple[str, Path], tmp_path: Path) -> None:
    service, python = installed
    code = (
        f"from pathlib import Path; import services.{service} as s; folder = Path(s.__file__).parent;"
        "print(sorted(x.name for x in (folder / 'migrations' / 'versions').glob('0001_*.py')))"
    )
    found = _python(python, code, tmp_path)
    assert found.stdout.strip() == "['0001_event_core.py']", found.stderr


def test_service_cannot_import_another(installed: tuple[str, Path], tmp_path: Path) -> None:
    service, python = installed
    for other in SERVICES:
        imported = _python(python, f"import services.{other}", tmp_path)
        assert (imported.returncode == 0) == (other == service), imported.stderr
    assert _python(python, "import deploy", tmp_path).returncode != 0

"""The house keeps its form: a newcomer finds each thing from the names of the folders."""

import ast
import cProfile
import re
import subprocess
from pathlib import Path

import pytest

from deploy.local.settings import SERVICES

ROOT = Path(__file__).parents[2]
SLICE_FILES = {
    "__init__.py",
    "routes.py",
    "service.py",
    "rules.py",
    "queries.py",
    "tables.py",
    "schemas.py",
    "errors.py",
    "events.py",
    "projection.py",
    "commands.py",
}
SERVICE_FILES = {
    "__init__.py",
    "__main__.py",
    "main.py",
    "worker.py",
    "settings.py",
    "database.py",
}
LONGEST_FILE = 300
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|base)(_|\.|$)")


def _tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def _slices() -> list[Path]:
    return [
        folder
        for service in SERVICES
        for folder in sorted((ROOT / "services" / service).iterdir())
        if folder.is_dir() and folder.name not in {"migrations", "__pycache__"}
    ]


def test_standard_library_profile_is_not_shadowed() -> None:
    # `services/profile` would be the standard library's `profile` if services/ ever came onto the path.
    assert cProfile.Profile is not None
    import profile  # noqa: PLC0415  # the import is the test

    assert not hasattr(profile, "create_app")
    assert hasattr(profile, "run")


def test_services_is_a_namespace_package() -> None:
    assert not (ROOT / "services" / "__init__.py").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_files(service: str) -> None:
    present = {path.name for path in (ROOT / "services" / service).glob("*.py")}
    assert present == SERVICE_FILES


@pytest.mark.parametrize("folder", _slices(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_slice_has_only_the_common_file_names(folder: Path) -> None:
    assert {path.name for path in folder.glob("*.py")} <= SLICE_FILES


def test_architecture_says_of_every_slice_what_it_has() -> None:
    rows = re.findall(r"^\| `(\w+/\w+)` \| ([\w ]+) \|", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    said = {place: set(files.split()) for place, files in rows}
    present = {
        f"{folder.parent.name}/{folder.name}": {path.stem for path in folder.glob("*.py")} - {"__init__"}
        for folder in _slices()
    }
    assert said == present


def test_every_name_in_the_glossary_is_a_name_in_the_code() -> None:
    cells = re.findall(r"\| ([^|]*) \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    said = {name for cell in cells for name in re.findall(r"`([A-Z]\w+)", cell)}
    code = "\n".join(path.read_text() for folder in ("services", "shared") for path in _tracked(f"{folder}/*.py"))
    assert len(said) > len(SERVICES)
    assert [
        name for name in sorted(said) if not re.search(rf"^(class {name}\b|{name}\b.* = )", code, re.MULTILINE)
    ] == []


def test_no_python_file_is_longer_than_a_few_screens() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _tracked("*.py")
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in _tracked("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [path.name for path in _tracked("*.py") if FORBIDDEN_NAMES.search(path.name)] == []


def test_rules_know_no_database_clock_network_or_framework() -> None:
    allowed = {"shared.asn", "shared.events", "shared.shown", "services"}
    foreign = {"sqlalchemy", "sqlmodel", "asyncpg", "fastapi", "starlette", "aiokafka", "httpx", "time", "asyncio"}
    broken = []
    for path in _tracked("services/*/*/rules.py"):
        for name in _imported(path):
            root = name.partition(".")[0]
            outside = root == "shared" and not any(name.startswith(prefix) for prefix in allowed)
            if root in foreign or outside:
                broken.append(f"{path.relative_to(ROOT)} imports {name}")
    assert broken == []


def _imported(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return names


def test_rules_never_ask_the_clock() -> None:
    asks = re.compile(r"\b(date\.today|datetime\.now|datetime\.utcnow)\(")
    assert [
        str(path.relative_to(ROOT)) for path in _tracked("services/*/*/rules.py") if asks.search(path.read_text())
    ] == []


def test_nothing_names_the_host_of_a_package_registry() -> None:
    hosts = re.compile(
        r"(pypi|pythonhosted|npmjs|registry\.npm|repo1?\.maven|crates)\.(org|io|com|apache)|central\.sonatype",
    )
    named = [
        str(path.relative_to(ROOT))
        for path in _tracked("*")
        if path.suffix != ".png"
        and path.name != Path(__file__).name
        and hosts.search(path.read_text(errors="replace"))
    ]
    assert named == []

"""A new release comes while the one before it serves: first its migration, then its processes, one by one."""

import subprocess
from pathlib import Path
from typing import Final

from deploy.local.settings import PROJECT
from tests.faults.faults.fault import Fault, Scene
from tests.faults.system import APIS, WORKERS

_SERVED: Final = ("services", "shared")


class NoHistory(Exception):
    """The release before cannot be had: there is no git history, or it does not reach back to it."""


def previous_release(folder: Path) -> str:
    """Put the code before the newest migration into `folder`, and return its commit. Raises NoHistory."""
    ours = {str(path.relative_to(PROJECT)) for path in PROJECT.glob("services/*/migrations/versions/*.py")}
    for commit in _git("rev-list", "--first-parent", "HEAD").split():
        if ours - _migrations_of(commit):
            archive = folder.with_suffix(".tar")
            _git("archive", "--output", str(archive), commit, *_SERVED)
            folder.mkdir(parents=True)
            subprocess.run(["tar", "-x", "-f", archive, "-C", folder], check=True)
            archive.unlink()
            return commit
    raise NoHistory("every commit that is here has all of today's migrations")


def _migrations_of(commit: str) -> set[str]:
    names = _git("ls-tree", "-r", "--name-only", commit, "services").splitlines()
    return {name for name in names if "/migrations/versions/" in name and name.endswith(".py")}


def _git(*arguments: str) -> str:
    try:
        found = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoHistory(f"git {arguments[0]}: {error}") from error
    return found.stdout


async def migrate_and_roll(scene: Scene) -> None:
    """The new release migrates while the old one serves and consumes, which then gives way, seat by seat."""
    await scene.system.migrate(code=PROJECT)
    await scene.writes(100)
    scene.system.code = PROJECT
    for seat in (*WORKERS, *APIS):
        await scene.system.end(seat)
        scene.system.start(seat)
        await scene.system.ready(seat)
        await scene.writes(10)


MIGRATION: Final = Fault(
    "a migration applied while the previous release serves", migrate_and_roll, frozenset(), quick=False
)
"""Not among the others: it begins with other code."""

"""Builds that are wrong on purpose: copies of the code with something changed. The suite has to see it."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.settings import PROJECT

_SERVED: Final = ("services", "shared")


@dataclass(frozen=True, slots=True)
class Change:
    """In `file`, `right` becomes `wrong`."""

    file: str
    right: str
    wrong: str


_NOTICED_SOON: Final = Change(
    "shared/kafka/settings.py", '"session_timeout_ms": 30_000', '"session_timeout_ms": 6_000'
)
"""Not wrong: who waits for a group to notice a death waits less."""

_OFFSETS_COMMITTED: Final = Change(
    "shared/kafka/batch.py",
    """
            await self._hand_over(session, batch.events)
""",
    """
            driver = await driver_of(session)
            await driver.execute("COMMIT; SELECT pg_sleep(1)")
            await driver.execute("BEGIN")
            await self._hand_over(session, batch.events)
""",
)
OFFSETS_FIRST: Final = (_OFFSETS_COMMITTED, _NOTICED_SOON)
"""Offsets are committed before the transaction of what was read, and a process may die in between."""

GUARD_REMOVED: Final = (
    Change("services/assessment/employees/queries.py", "WHERE held.version < excluded.version\n", "\n"),
)
"""Assessment takes in whatever employees come, be it older than what it has."""


def changed_build(changes: Iterable[Change], folder: Path) -> Path:
    """A copy of the code in `folder`, with the changes. Raises ValueError unless each finds its one place."""
    for name in _SERVED:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for change in changes:
        file = folder / change.file
        text = file.read_text()
        if text.count(change.right) != 1:
            raise ValueError(f"{change.file}: what should be changed is there {text.count(change.right)} times")
        file.write_text(text.replace(change.right, change.wrong))
    return folder

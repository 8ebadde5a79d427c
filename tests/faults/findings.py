"""What is not as it must be: something is missing, or something is there too often."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

_MOST: Final = re.compile(r"(.{200}).+")
"""What is shown of one side."""


class Kind(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` names service and employee, region or topic; never a NIP. `count` is of writes, people or sums."""

    kind: Kind
    where: str
    what: str
    expected: Any
    found: Any
    count: int = 1

    def __str__(self) -> str:
        found, expected = (_MOST.sub(r"\1…", str(side)) for side in (self.found, self.expected))
        return f"{self.kind}: {self.where}: {self.what} is {found}, by the log {expected}"


def compared(where: str, what: str, expected: Any, found: Any) -> list[Finding]:
    """Nothing where both are equal. More than expected is doubled, by how much; all else is lost."""
    if expected == found:
        return []
    if isinstance(expected, int) and isinstance(found, int):
        kind = Kind.DOUBLED if found > expected else Kind.LOST
        # The sum of many values that is wrong is one thing that is wrong.
        count = 1 if what.endswith("_sum") else abs(found - expected)
        return [Finding(kind, where, what, expected, found, count)]
    return [Finding(Kind.LOST, where, what, expected, found)]


def counted(findings: list[Finding], kind: Kind) -> int:
    return sum(each.count for each in findings if each.kind is kind)

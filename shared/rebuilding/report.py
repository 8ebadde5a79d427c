"""What a rebuild found: counts by table and cause, and the first keys of each kind; never content."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.rebuilding.model import Difference


@dataclass
class Report:
    """`most` differences are kept to be shown, all are counted."""

    most: int
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: list[Difference] = field(default_factory=list)

    def add(self, found: Iterable[Difference]) -> None:
        for one in found:
            self.counts[one.compared.name, one.cause] += 1
            if len(self.first) < self.most:
                self.first.append(one)

    def take(self, other: "Report") -> None:
        """Count what the other holds as well."""
        self.counts += other.counts
        self.first += other.first[: self.most - len(self.first)]

    @property
    def total(self) -> int:
        return self.counts.total()

    def causes(self) -> list[dict[str, Any]]:
        """A row a table and cause."""
        return [
            {"table": table, "cause": cause, "rows": count}
            for (table, cause), count in sorted(self.counts.items())
        ]

    def shown(self) -> list[dict[str, Any]]:
        """A row a difference."""
        return [
            {"table": one.compared.name, "key": one.key, "cause": one.cause, "columns": ", ".join(one.columns)}
            for one in self.first
        ]

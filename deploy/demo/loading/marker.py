"""What this data folder already holds, so that a second run finds its data instead of loading it again."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Self

from deploy.demo.population import bodies
from deploy.demo.population.people import Population

_FILE: Final = "demonstration.json"
_DRAWN: Final = 36


@dataclass(frozen=True, slots=True)
class Marker:
    """The population that was begun to load, whether all of it arrived, and whose score the story `moved`."""

    employees: int
    on: date
    digest: str
    loaded: bool = False
    moved: int | None = None
    """Index of a person."""

    @classmethod
    def of(cls, population: Population) -> Self:
        """Before anything is loaded."""
        return cls(population.total, population.on, digest_of(population))

    def after_loading(self) -> Self:
        """Everything has arrived, and every score is that of the population."""
        return replace(self, loaded=True, moved=None)

    def with_moved(self, index: int) -> Self:
        return replace(self, moved=index)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """None where there is none, or one that a crash or another version left unreadable."""
        try:
            found = json.loads((folder / _FILE).read_text())
            return cls(**{**found, "on": date.fromisoformat(found["on"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{_FILE}.new"
        new.write_text(json.dumps({**asdict(self), "on": self.on.isoformat()}))
        new.replace(folder / _FILE)


def digest_of(population: Population) -> str:
    """Of a few dozen people across the whole: another total, date, or way of drawing gives another digest."""
    step = max(1, population.total // _DRAWN)
    drawn = [
        [bodies.employee(person), *bodies.performance_scores(person), bodies.talent_assessment(person)]
        for person in map(population.person, range(0, population.total, step))
    ]
    return hashlib.sha256(json.dumps(drawn).encode()).hexdigest()

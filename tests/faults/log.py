"""The log of every acknowledged write, kept by those who wrote: what must hold in the end follows from it."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from deploy.demo.population.measuring import Assessment, Rating
from deploy.demo.population.people import Person
from tests.faults.writes import Request, Write

_VERSION = re.compile(r".+/(?P<key>[^/@]+)@(?P<version>\d+)")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was answered to one write: the id of what it made, and the token to read it by, if it took effect."""

    id: UUID
    token: str | None

    @property
    def key(self) -> UUID:
        """Of the employee; raises ValueError without a token."""
        return UUID(self._parts()["key"])

    @property
    def version(self) -> int:
        return int(self._parts()["version"])

    def _parts(self) -> re.Match[str]:
        found = _VERSION.fullmatch(self.token or "")
        if found is None:
            raise ValueError("the write has not taken effect")
        return found


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write, what was answered to it, and the how manieth it is."""

    write: Write
    receipt: Receipt
    place: int


@dataclass
class Told:
    """All that was acknowledged of one person, in the order in which it was sent."""

    employee_id: UUID
    employee: list[Acknowledged] = field(default_factory=list)
    scores: list[Acknowledged] = field(default_factory=list)
    assessments: list[Acknowledged] = field(default_factory=list)

    @property
    def person(self) -> Person:
        """As he was told last."""
        content = self.employee[-1].write.content
        assert isinstance(content, Person)
        return content

    @property
    def version(self) -> int:
        """Of the employee, as answered last."""
        return self.employee[-1].receipt.version

    @property
    def measured(self) -> int:
        """The version of his results, as answered last; 0 where nothing was measured."""
        return max((each.receipt.version for each in (*self.scores, *self.assessments)), default=0)


class Log:
    """In memory, and as lines of JSON in `path` for whoever looks for the cause of a difference."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a")
        self._numbers = 0
        self._grew = asyncio.Event()
        self.told: dict[str, Told] = {}
        """By NIP."""
        self.in_doubt: list[Write] = []
        """Their answer was lost and not asked for again: each may be in, once, or not."""
        self.raised = False
        """Versions of results no longer count the requests: they were raised above those of the topic."""
        self.employees_raised = False
        """Likewise those of employees, whose profile came back older: who has seen one may find it refused."""
        self.acknowledged = 0
        self.turned_away = 0
        """How often a service said that it takes nothing now (503)."""

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def acknowledge(self, request: Request, receipts: Sequence[Receipt]) -> None:
        for write, receipt in zip(request.writes, receipts, strict=True):
            told = self.told.setdefault(write.nip, Told(receipt.id))
            of_kind = {Person: told.employee, Rating: told.scores, Assessment: told.assessments}
            self.acknowledged += 1
            of_kind[type(write.content)].append(Acknowledged(write, receipt, self.acknowledged))
        self._write(request, [receipt.token for receipt in receipts])
        self._grew.set()

    def doubt(self, request: Request) -> None:
        """Nobody knows whether it was taken."""
        self.in_doubt.extend(request.writes)
        self._write(request, None)

    def doubt_measured_since(self, place: int) -> None:
        """Assessment's database is again as it was when so many writes were acknowledged.

        What came later is gone. Yet of a request that was under way just then, it may hold the change and not the
        answer; so all of it is in doubt.
        """
        for told in self.told.values():
            for of_kind in (told.scores, told.assessments):
                self.in_doubt += [each.write for each in of_kind if each.place > place]
                of_kind[:] = [each for each in of_kind if each.place <= place]
        self.raised = True

    def forget_employees_since(self, place: int, titles: Mapping[str, str]) -> None:
        """Profile's database is again as it was when so many writes were acknowledged; `titles` says what it has.

        Later changes are gone, but not who came later, for the topic puts him back as he was told, nor the change
        that was under way just then and of which the database has more than its caller knew.
        """
        for nip, told in self.told.items():
            told.employee[1:] = [
                each for each in told.employee[1:] if each.place <= place or _title(each.write) == titles.get(nip)
            ]
        self.employees_raised = True

    def reached(self) -> dict[UUID, tuple[int, int]]:
        """By employee: the versions of him and of his results that were acknowledged so far."""
        return {told.employee_id: (told.version, told.measured) for told in self.told.values()}

    async def grown_by(self, writes: int) -> None:
        """Wait until this many more are acknowledged."""
        enough = self.acknowledged + writes
        while self.acknowledged < enough:
            self._grew.clear()
            await self._grew.wait()

    def turn_away(self) -> None:
        self.turned_away += 1
        self._grew.set()

    async def turned_away_by(self, times: int) -> None:
        """Wait until so many more requests were turned away."""
        enough = self.turned_away + times
        while self.turned_away < enough:
            self._grew.clear()
            await self._grew.wait()

    def close(self) -> None:
        self._file.close()

    def _write(self, request: Request, tokens: list[str | None] | None) -> None:
        line = {"request": request.number, "path": request.path, "body": request.body, "tokens": tokens}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def _title(write: Write) -> str | None:
    return write.content.title if isinstance(write.content, Person) else None

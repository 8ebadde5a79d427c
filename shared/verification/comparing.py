"""What a source published against what a follower holds: range by range, then narrowed to the keys that differ.

Both go on changing meanwhile. A key that differs is looked at again, several times: it is equal as soon as the
follower holds a state that the source had at one of the looks.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from shared.db.session import Database, driver_of
from shared.verification.differences import Difference, Kind
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING, Detail, Entry, Held, Range, detail_of, entries_of, next_range
from shared.verification.schemas import MOST_KEYS

PATIENCE: Final = 10.0
"""Seconds over which keys that differ are looked at again."""
_FIRST_MOMENT: Final = 0.2
MOST_DOUBTS: Final = 100_000
"""Keys kept in mind at once; with more of them different after all looks the comparison ends."""

_DEAD_LETTERS: Final = """
    SELECT id FROM source.dead_letter
    WHERE state = 'OPEN' AND key = convert_to($1, 'UTF8') AND topic IN ($2, $3 || $2) ORDER BY id
"""


class Side(Protocol):
    """Where states are: a range has `MOST_KEYS` of them, and at most so many entries are told at once."""

    async def next_range(self, after: UUID) -> Range: ...
    async def entries(self, after: UUID, last: UUID | None) -> list[Entry]: ...
    async def detail(self, key: UUID) -> Detail: ...


class Follower(Side, Protocol):
    """The side that holds a copy."""

    async def dead_letters(self, key: UUID) -> list[int]: ...


class Copy:
    """A follower's copy: a view in its own table."""

    def __init__(self, database: Database, held: Held, namespace: str) -> None:
        self._database = database
        self._held = held
        self._namespace = namespace

    async def next_range(self, after: UUID) -> Range:
        async with self._database.reading() as session:
            return await next_range(session, self._held, after, MOST_KEYS)

    async def entries(self, after: UUID, last: UUID | None) -> list[Entry]:
        async with self._database.reading() as session:
            return await entries_of(session, self._held, after, last, MOST_KEYS)

    async def detail(self, key: UUID) -> Detail:
        async with self._database.reading() as session:
            return await detail_of(session, self._held, key)

    async def dead_letters(self, key: UUID) -> list[int]:
        """Open dead letters that are states of this key."""
        async with self._database.reading() as session:
            driver = await driver_of(session)
            rows = await driver.fetch(_DEAD_LETTERS, str(key), self._held.view.topic.name, self._namespace)
        return [row["id"] for row in rows]


@dataclass(slots=True)
class _Doubt:
    """A key that differed at every look so far. `told` are all states that its source had."""

    told: set[tuple[int, int]] = field(default_factory=set)
    source: Entry | None = None
    first: Entry | None = None
    copy: Entry | None = None
    is_new: bool = True

    def look(self, source: Entry | None, copy: Entry | None) -> None:
        if self.is_new:
            self.first, self.is_new = copy, False
        self.source, self.copy = source, copy
        if source is not None:
            self.told.add(source[1:])

    @property
    def is_settled(self) -> bool:
        return self.source is None if self.copy is None else self.copy[1:] in self.told

    @property
    def keeps_up(self) -> bool:
        """The copy moved, and is past what its source had first: it is only ever met on its way."""
        moved = self.copy is not None and (self.first is None or self.copy.version > self.first.version)
        return moved and self.copy is not None and self.copy.version >= min(self.told, default=(0, 0))[0]

    @property
    def kind(self) -> Kind:
        if self.source is None or self.copy is None:
            return Kind.UNKNOWN if self.source is None else Kind.MISSING
        if self.copy.version == self.source.version:
            return Kind.CONTENT
        return Kind.STALE if self.copy.version < self.source.version else Kind.AHEAD


class Comparison:
    """Of one view, once."""

    def __init__(
        self, examination: Examination, source: Side, copy: Follower, topic: str, *, patience: float = PATIENCE
    ) -> None:
        self._examination = examination
        self._patience = patience
        self._source = source
        self._copy = copy
        self._topic = topic
        self._doubts: dict[tuple[UUID, UUID], dict[UUID, _Doubt]] = {}

    async def run(self) -> None:
        """Compare all ranges, look again, and tell what still differs."""
        after: UUID | None = BEGINNING
        while after is not None and self._doubtful < MOST_DOUBTS:
            after = await self._compare_next(after)
            if after is None or self._doubtful >= MOST_DOUBTS:
                await self._look_again()
        if after is not None:
            self._examination.is_complete = False
            self._examination.say("too many keys differ: the comparison ended before the last of them")
        for doubts in self._doubts.values():
            for key, doubt in doubts.items():
                await self._tell(key, doubt)

    @property
    def _doubtful(self) -> int:
        return sum(map(len, self._doubts.values()))

    async def _compare_next(self, after: UUID) -> UUID | None:
        """Compare the next range, and answer how far. A copy that is equal ends it with the same key."""
        told, held = await self._ranges(after)
        reached, states = (told.last, told.states) if held == told else await self._narrow(after, told.last)
        await self._examination.went_through(states)
        return reached

    async def _ranges(self, after: UUID) -> tuple[Range, Range]:
        """Of both at once. Where the source is silent, the copy is not left behind at its work."""
        holding = asyncio.create_task(self._copy.next_range(after))
        try:
            return await self._source.next_range(after), await holding
        finally:
            await asyncio.gather(holding, return_exceptions=True)

    async def _narrow(self, after: UUID, last: UUID | None) -> tuple[UUID | None, int]:
        """Find the keys of a range that differ, page by page: the copy may hold more than the source has there.

        Answers how far, to the end of the range unless too many differ before, and how many the source has there.
        """
        states = 0
        while True:
            source, copy = await self._source.entries(after, last), await self._copy.entries(after, last)
            full = [page[-1].key for page in (source, copy) if len(page) == MOST_KEYS]
            until = min(full, default=last)
            states += self._doubt(after, until, source, copy)
            if until == last or self._doubtful >= MOST_DOUBTS:
                return until, states
            after = min(full)

    def _doubt(self, after: UUID, last: UUID | None, source: list[Entry], copy: list[Entry]) -> int:
        """Keep in mind what differs up to `last`; how many the source has."""
        both = [
            {entry.key: entry for entry in side if last is None or entry.key <= last} for side in (source, copy)
        ]
        doubts: dict[UUID, _Doubt] = {}
        for key in both[0].keys() | both[1].keys():
            doubt = _Doubt()
            doubt.look(both[0].get(key), both[1].get(key))
            if not doubt.is_settled:
                doubts[key] = doubt
        if doubts:
            self._doubts[after, max(doubts)] = doubts
        return len(both[0])

    async def _look_again(self) -> None:
        """After moments that grow, until nothing is in doubt or the patience has come to its end."""
        waited, moment = 0.0, min(_FIRST_MOMENT, self._patience)
        while self._doubts and waited < self._patience:
            await self._examination.wait(moment)
            waited += moment
            moment = min(2 * moment, self._patience - waited)
            for place, doubts in list(self._doubts.items()):
                source, copy = [await _among(doubts, side, *place) for side in (self._source, self._copy)]
                for key, doubt in list(doubts.items()):
                    doubt.look(source.get(key), copy.get(key))
                    if doubt.is_settled:
                        del doubts[key]
                if not doubts:
                    del self._doubts[place]
                await self._examination.went_through(0)

    async def _tell(self, key: UUID, doubt: _Doubt) -> None:
        if doubt.keeps_up:
            self._examination.moving += 1
            return
        if self._examination.is_full:
            self._examination.found(Difference(doubt.kind, self._topic, str(key), {}, ""))
            return
        expected, found = await self._source.detail(key), await self._copy.detail(key)
        if (expected.version, expected.fields) == (found.version, found.fields):
            # It arrived after the last look.
            return
        fields = _differing(expected, found) if doubt.kind is Kind.CONTENT else {}
        if expected.version != found.version:
            fields["version"] = (expected.version, found.version)
        cause = await self._cause_of(key, doubt.kind, expected)
        self._examination.found(Difference(doubt.kind, self._topic, str(key), fields, cause))

    async def _cause_of(self, key: UUID, kind: Kind, expected: Detail) -> str:
        if letters := await self._copy.dead_letters(key):
            return f"dead letter {', '.join(map(str, letters))} is open: mend the cause and replay it"
        if expected.pending:
            return "still in the outbox of the source: its relay has not published it"
        return _CAUSES[kind]


async def _among(keys: Collection[UUID], side: Side, after: UUID, last: UUID) -> dict[UUID, Entry]:
    """The entries of these keys, which lie in the range."""
    found: dict[UUID, Entry] = {}
    while True:
        page = await side.entries(after, last)
        found |= {entry.key: entry for entry in page if entry.key in keys}
        if len(page) < MOST_KEYS:
            return found
        after = page[-1].key


_CAUSES: Final = {
    Kind.MISSING: "on its way, never told, or deleted here: look at the lag; rebuild here, else republish there",
    Kind.STALE: "a newer state is on its way, or lost: look at the lag; rebuild here, else republish there",
    Kind.UNKNOWN: "its source lost it: was the database restored? then after-restore there",
    Kind.AHEAD: "its source is older than its topic: was the database restored? then after-restore there",
    Kind.CONTENT: "one of the two was changed past the guard by version: rebuild here",
}


def _differing(expected: Detail, found: Detail) -> dict[str, tuple[object, object]]:
    """Fields that differ, with their digests."""
    return {
        name: (_hex(digest), _hex(found.fields.get(name)))
        for name, digest in expected.fields.items()
        if found.fields.get(name) != digest
    }


def _hex(digest: int | None) -> str | None:
    return None if digest is None else f"#{digest & (2**64 - 1):016x}"

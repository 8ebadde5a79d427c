"""Both sides of a comparison in memory, each with a history: at every look they may be somewhere else."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.verification.held import Detail, Entry, Range
from shared.verification.schemas import MOST_KEYS

States = Mapping[int, tuple[int, int]]
"""Key → version and digest."""


def key(number: int) -> UUID:
    return UUID(int=number)


class InMemory:
    """Tells `looks` one after the other, the last for ever: a new one with every question for entries."""

    def __init__(self, *looks: States, pending: Sequence[int] = (), dead: Mapping[int, int] | None = None) -> None:
        self._looks = list(looks)
        self._pending = pending
        self._dead = dead or {}
        self.range_size = 4
        self.page = MOST_KEYS

    def _within(self, states: States, after: UUID, last: UUID | None) -> list[Entry]:
        return [
            Entry(key(number), *state)
            for number, state in sorted(states.items())
            if after < key(number) and (last is None or key(number) <= last)
        ]

    async def next_range(self, after: UUID) -> Range:
        page = self._within(self._looks[0], after, None)[: self.range_size]
        digest = 0
        for entry in page:
            digest ^= hash((entry.key.int, entry.version, entry.digest))
        return Range(page[-1].key if len(page) == self.range_size else None, len(page), digest)

    async def entries(self, after: UUID, last: UUID | None) -> list[Entry]:
        states = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        return self._within(states, after, last)[: self.page]

    async def detail(self, key: UUID) -> Detail:
        version, digest = self._looks[0].get(key.int, (0, 0))
        return Detail(version, {"region": 7, "box": digest} if version else {}, key.int in self._pending)

    async def dead_letters(self, key: UUID) -> list[int]:
        return [self._dead[key.int]] if key.int in self._dead else []

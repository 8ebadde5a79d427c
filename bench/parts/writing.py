"""The row writes of one score, each by `unnest` in batches of 1,000, one transaction a batch."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from bench.parts import tables
from bench.parts.sample import REGIONS, Sample

AT_ONCE: Final = 1_000
_KIND, _BY = "YEARLY", "integrator"
Batch = Callable[[], Awaitable[Any]]
Statements = Sequence[tuple[str, Sequence[Any]]]
"""Of one transaction, with their arguments."""


TALENT: Final = "row of the talent: locked and read, written"
FOLDED: Final = "folded copy, mark taken, two sums a region"
_BOXES: Final = 9


class Writes:
    """Of `people` in a database of its own, from round to round with newer versions.

    `read`: with what the reads stand on besides, indexes and ranks.
    """

    def __init__(self, connection: Any, sample: Sample, people: int, *, read: bool = False) -> None:
        self._connection, self._sample, self._people, self._read = connection, sample, people, read
        self._version = 0

    async def prepare(self) -> None:
        """Make and fill the tables."""
        schema = "read" if self._read else "bare"
        await self._connection.execute(f"CREATE SCHEMA {schema}; SET search_path = {schema}")
        await self._connection.execute(tables.TABLES)
        if self._read:
            await self._connection.execute(tables.READ)
        sample = self._sample
        documents = (sample.assessment.model_dump_json(), sample.employee.model_dump_json())
        await self._connection.execute(tables.FILL, self._people, *documents)
        await self._connection.execute("VACUUM ANALYZE")

    def round(self) -> Mapping[str, Sequence[Batch]]:
        """A newer version of everybody: by part, the batches in the order in which one score goes through them."""
        self._version += 1
        everybody = [range(first, first + AT_ONCE) for first in range(0, self._people, AT_ONCE)]
        parts: dict[str, list[Batch]] = {}
        for numbers in everybody:
            for name, statements in self._parts(numbers):
                parts.setdefault(name, []).append(self._batch(statements))
        return parts

    def _batch(self, statements: Statements) -> Batch:
        async def run() -> None:
            async with self._connection.transaction():
                for statement, arguments in statements:
                    await self._connection.fetch(statement, *arguments)

        return run

    def _parts(self, numbers: range) -> Iterator[tuple[str, Statements]]:
        ids = [UUID(int=number) for number in numbers]
        nips = [f"{number:018}" for number in numbers]
        yield "who is meant and what is held of him: one read", [(tables.HELD, [nips])]
        yield "row of the score", [(tables.SCORES, self._scores(ids, nips))]
        body = self._sample.assessment.model_dump_json()
        told = [body] * len(ids)
        yield "row of the result", [(tables.RESULTS, [ids, [self._version] * len(ids), told])]
        yield from self._outbox("results_outbox", ids, body)
        talents: Statements = [(tables.LOCKED, [ids]), (tables.TALENTS, self._talents(ids, numbers, told))]
        yield TALENT, talents
        yield from self._outbox("talents_outbox", ids, self._sample.talent.model_dump_json())
        yield "row of the standing, and its mark", [(tables.STANDINGS, self._standings(ids, numbers))]
        yield FOLDED, [(tables.FOLD_AND_RANK if self._read else tables.FOLD, [AT_ONCE])]

    def _outbox(self, name: str, ids: Sequence[UUID], document: str) -> Iterator[tuple[str, Statements]]:
        statements, size = tables.outbox(name), len(ids)
        keys, payload = [str(one) for one in ids], document.encode()
        columns = [
            keys,
            [self._version] * size,
            [payload] * size,
            [self._sample.at] * size,
            [self._sample.cause] * size,
        ]
        # Ids are given in sequence, and each batch of a part runs once a round.
        last = (self._version - 1) * self._people + ids[-1].int + 1
        yield "outbox, twice: row written", [(statements["written"], [name, *columns])]
        yield (
            "outbox, twice: row read and deleted",
            [(statements["read"], [last - size, last]), (statements["deleted"], [last])],
        )

    def _values(self, numbers: range) -> list[int]:
        """Hundredths that move in each round, as those do of whom a score is taken."""
        return [(number * 7 + self._version * 1_237) % 10_000 for number in numbers]

    def _scores(self, ids: Sequence[UUID], nips: Sequence[str]) -> list[Sequence[Any]]:
        period = self._sample.assessment.performance[0]
        same = (
            _KIND,
            period.starts_on,
            period.ends_on,
            period.hasil,
            period.perilaku,
            period.predikat,
            "SKP 2025/0417",
        )
        who = (self._version, _BY, self._sample.at)
        return [[uuid4() for _ in ids], ids, nips, *([one] * len(ids) for one in (*same, *who))]

    def _talents(self, ids: Sequence[UUID], numbers: range, told: Sequence[str]) -> list[Sequence[Any]]:
        state, on = self._sample.talent, self._sample.evaluation.on
        before = ([self._version] * len(ids), [f"33.{number % REGIONS}" for number in numbers])
        who = (state.unit_id, state.level, state.active, state.predikat, state.x, state.y)
        after = ("", state.eligible, "", state.in_pool, state.policy_id, on)
        at_last = (self._sample.evaluation.next_change_on, self._sample.at, self._sample.cause)
        values = [Decimal(value) / 100 for value in self._values(numbers)]
        boxes = [value * _BOXES // 10_000 + 1 for value in self._values(numbers)]
        same = [[[one] * len(ids) for one in part] for part in (who, (*after, *at_last))]
        return [ids, told, *before, *same[0], values, boxes, *same[1]]

    def _standings(self, ids: Sequence[UUID], numbers: range) -> list[Sequence[Any]]:
        state, size = self._sample.talent, len(ids)
        regions = [f"33.{number % REGIONS}" for number in numbers]
        before: tuple[Any, ...] = (
            [self._version] * size,
            regions,
            *([one] * size for one in (state.unit_id, state.level, True)),
        )
        inputs = (1, self._version, self._sample.at, self._sample.cause)
        after: tuple[Any, ...] = (800_000, 900_000, 9, True, *inputs)
        return [ids, *before, self._values(numbers), *([one] * size for one in after)]

"""Chapter by chapter: one that fails or takes too long is shown as a row that is missed, and the rest goes on."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

from bench.bulk.importing import measure_bulk
from bench.comparison.frameworks import Frameworks
from bench.comparison.measuring import measure_comparison
from bench.figures import Row, failed
from bench.freshness.apart import measure_apart
from bench.freshness.measuring import Freshness, measure_freshness
from bench.growth.measuring import measure_growth
from bench.installation import Bench
from bench.least.measuring import measure_least
from bench.machine import load_average, others_at_work
from bench.parts.measuring import measure_parts
from bench.people import load_everybody, population_of
from bench.pressure.measuring import measure_pressure, passes_of
from bench.pressure.while_verifying import measure_while_verifying
from bench.processes import APART, TOGETHER, environment_of, migrate, running, services_in
from bench.reading.boards import measure_boards
from bench.rebuilding.measuring import measure_rebuilds
from bench.resting import measure_rest
from bench.telling import write_result
from bench.usage import until_at_rest
from bench.verifying.measuring import measure_verify
from bench.verifying.planting import measure_planted
from bench.workers.measuring import measure_workers
from deploy.local.processes import Child, all_of
from deploy.local.progress import say
from deploy.local.settings import SERVICES

CHAPTERS: Final = (
    *("rest", "freshness", "apart", "least", "bulk", "parts", "pressure", "verify", "rebuild", "workers"),
    *("growth", "boards", "comparison"),
)
"""In the order in which they are shown."""
_OF_THE_CHAIN: Final = frozenset(
    {"rest", "freshness", "apart", "bulk", "pressure", "verify", "rebuild", "workers"}
)
"""They need all four services and people in them."""
_SERVICES: Final = "the four services"
_OTHERS_TAKE_MUCH: Final = 10.0
"""Percent of a core from which on a reader should know that others were at work."""

Work = Callable[[], Awaitable[Sequence[Row]]]


@dataclass
class Run:
    """The chapters that are wanted of a bench, and what came of them: written to a file after each."""

    bench: Bench
    wanted: Sequence[str]
    written_to: Path
    about: dict[str, Any]
    found: dict[str, Sequence[Row]] = field(default_factory=dict)
    """The rows of each chapter that has ended."""
    freshness: Freshness | None = None

    @property
    def rows(self) -> list[Row]:
        """All of them, as they are shown."""
        return list(chain.from_iterable(self.found.get(name, ()) for name in (_SERVICES, *CHAPTERS)))

    async def all(self) -> None:
        """Every wanted chapter, in an order in which what one leaves behind serves the next."""
        async with Frameworks(self.bench.stack, wanted="comparison" in self.wanted) as frameworks:
            if _OF_THE_CHAIN & set(self.wanted):
                await self._chapter(_SERVICES, partial(self._of_the_chain, frameworks))
            await frameworks.settled()
            for name, measure in (
                ("parts", measure_parts),
                ("growth", measure_growth),
                ("boards", measure_boards),
            ):
                await self._wanted(name, partial(measure, self.bench))
            await self._wanted("comparison", partial(self._comparison, frameworks))
        # Last: by now the broker is warm, and nothing that the long import left is still cleared away.
        await self._wanted("least", partial(measure_least, self.bench))

    async def _of_the_chain(self, frameworks: Frameworks) -> Sequence[Row]:
        bench = self.bench
        environment = environment_of(bench.stack, bench.issuer)
        await all_of(migrate(bench.stack, service, environment) for service in SERVICES)
        async with running(bench.stack, services_in(bench.stack, bench.issuer, TOGETHER)) as services:
            await load_everybody(bench, population_of(bench.sizes.employees))
            # What is measured must not share the cores with it.
            await frameworks.settled()
            await self._wanted("rest", lambda: measure_rest(bench, services))
            await self._wanted("freshness", lambda: self._freshness(services))
        async with running(bench.stack, services_in(bench.stack, bench.issuer, APART)) as services:
            await self._wanted("apart", lambda: measure_apart(bench, services))
            await self._wanted("bulk", lambda: measure_bulk(bench, services))
            # The million rows of the import under pressure come last: nothing is left to read them all again.
            await self._wanted("verify", lambda: self._verify(services))
            await self._wanted("rebuild", lambda: measure_rebuilds(bench))
            await self._wanted("pressure", self._pressure)
        await self._wanted("workers", lambda: measure_workers(bench))
        return ()

    async def _comparison(self, frameworks: Frameworks) -> Sequence[Row]:
        return await measure_comparison(self.bench, await frameworks.interpreter())

    async def _freshness(self, services: Sequence[Child]) -> Sequence[Row]:
        self.freshness = await measure_freshness(self.bench, services)
        return self.freshness.rows(self.bench.sizes)

    async def _verify(self, services: Sequence[Child]) -> Sequence[Row]:
        # After an import the services check their topics for a while, and vacuum clears away.
        await until_at_rest([*self.bench.stack.children, *services])
        alone = await measure_verify(self.bench, services)
        turn = self.bench.sizes.while_verifying_turn
        planted = await measure_planted(self.bench)
        return [*alone, *planted, *await measure_while_verifying(self.bench, services, turn=turn)]

    async def _pressure(self) -> Sequence[Row]:
        """As many rows as are imported in the time that there is, by the speed of the chapter before."""
        sizes = self.bench.sizes
        bulk = next((row for row in self.rows if row.name.startswith("bulk: ")), None)
        most = sizes.long_rows if bulk is None else min(sizes.long_rows, int(bulk.figure * sizes.long_seconds))
        pressed = await measure_pressure(self.bench, most, turn=sizes.long_turn)
        rows = passes_of(most, sizes.employees) * 2 * sizes.employees
        return pressed.rows(rows, bulk.floors if bulk else ())

    async def _wanted(self, name: str, work: Work) -> None:
        if name in self.wanted:
            await self._chapter(name, work, self.bench.sizes.longest_chapter)

    async def _chapter(self, name: str, work: Work, longest: float | None = None) -> None:
        say(f"chapter: {name}")
        before, others = load_average(), await others_at_work()
        if others > _OTHERS_TAKE_MUCH:
            say(f"WARNING: other processes take {others:.0f} % of a core; figures will be worse than the code")
        try:
            async with asyncio.timeout(longest):
                rows = await work()
        # Whatever one chapter stumbles over, the others are measured all the same.
        except Exception as error:  # noqa: BLE001
            traceback.print_exception(error)
            rows = [failed(f"chapter `{name}`", error, load=load_average())]
        self.found[name] = _with_loads(rows, before, others)
        write_result(self.written_to, self.rows, self.about)


def _with_loads(rows: Sequence[Row], before: float, others: float) -> list[Row]:
    """Before the first row is before the chapter; before any other is when the one in front of it was done."""
    loads = [before, *(row.load for row in rows)]
    return [replace(row, load_before=load, others_before=others) for row, load in zip(rows, loads, strict=False)]

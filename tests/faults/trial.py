"""One run: a load, faults in the midst of it, rest, and what the log says of the end."""

import asyncio
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Final, Self

from deploy.demo.population.people import Population
from deploy.local.progress import say, waiting
from deploy.local.settings import PROJECT
from tests.faults.checking import check
from tests.faults.faults.fault import Fault, Scene
from tests.faults.findings import Finding, Kind, counted
from tests.faults.load import loading, population_of, settle_in
from tests.faults.log import Log
from tests.faults.servers import Servers
from tests.faults.settling import Unsettled, settled, until_ranked
from tests.faults.system import APIS, WORKERS, System
from tests.faults.topics import Topics

_BEFORE: Final = 40
_AFTER: Final = 60
"""Writes that are acknowledged before the first fault begins, and after the last has ended."""
_LATEST_START: Final = 4.0
_LOOKS: Final = 6
_LOOK_EVERY: Final = 1.0
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """`seconds` from the end of the faults until what was acknowledged by then stood in the ranking."""

    name: str
    acknowledged: int
    seconds: float
    findings: Sequence[Finding]

    @property
    def lost(self) -> int:
        return counted(list(self.findings), Kind.LOST)

    @property
    def doubled(self) -> int:
        return counted(list(self.findings), Kind.DOUBLED)


class Trials:
    """`async with Trials(servers) as trials:` a system with people in it, for one run after the other."""

    def __init__(self, servers: Servers, *, people: int, code: Path = PROJECT) -> None:
        self.system = System(servers, code)
        self.log = Log(self.system.folder / "log.ndjson")
        self._population: Population = population_of(people)
        self._topics = Topics(self.system)

    async def __aenter__(self) -> Self:
        say("starting the four services")
        await self.system.__aenter__()
        try:
            say(f"registering and measuring {self._population.total} employees")
            await settle_in(self.system, self.log, list(self._population.people()))
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.system.__aexit__(None, None, None)
        self.log.close()

    async def run(self, name: str, faults: Sequence[Fault], seed: str) -> Outcome:
        """Inflict the faults at the same time, each a little later or earlier, and look what is left."""
        before = self.log.acknowledged
        try:
            async with waiting(name):
                ranked = await self._load_and_break(faults, seed)
                await self._as_before()
                if any(fault.reorders for fault in faults):
                    await self.check_topics_now()
                findings = await self.look()
            # At rest, with all that was acknowledged in the ranking; or it will not come any more.
            ranked.cancel()
            seconds = await ranked
        except Exception as error:  # noqa: BLE001  # whatever it was, it is told, and the next run begins anew
            traceback.print_exception(error)
            seconds, findings = 0.0, [Finding(Kind.LOST, "everywhere", "run", "ended", repr(error))]
        outcome = Outcome(name, self.log.acknowledged - before, seconds, findings)
        _tell(outcome)
        return outcome

    async def break_at_rest(self, fault: Fault, seed: str) -> list[Finding]:
        """Inflict the fault while no load tells again what it may have lost, and look what is left."""
        await settled(self.system, self._topics)
        await self._inflict(fault, Random(seed), alone=True)  # noqa: S311  # reproducible on purpose
        return await self.look()

    async def _load_and_break(self, faults: Sequence[Fault], seed: str) -> asyncio.Task[float]:
        """Returns what counts the seconds to recover."""
        async with loading(self.system, self.log, self._population, seed):
            await self.log.grown_by(_BEFORE)
            async with asyncio.TaskGroup() as group:
                for fault in faults:
                    chance = Random(f"{seed}/{fault.name}")  # noqa: S311  # reproducible on purpose
                    group.create_task(self._inflict(fault, chance, alone=len(faults) == 1))
            ranked = asyncio.create_task(until_ranked(self.system, self.log.reached()))
            await self.log.grown_by(_AFTER)
        return ranked

    async def look(self) -> list[Finding]:
        """What is wrong when everything has come to rest, looked at again before it is called so."""
        try:
            await settled(self.system, self._topics)
        except Unsettled as error:
            return [Finding(Kind.LOST, "everywhere", "rest", "reached", str(error))]
        findings = await check(self.system, self.log, self._topics)
        for _ in range(_LOOKS):
            if not findings:
                break
            await asyncio.sleep(_LOOK_EVERY)
            findings = await check(self.system, self.log, self._topics)
        return findings

    async def _inflict(self, fault: Fault, chance: Random, *, alone: bool) -> None:
        # Not all at the same moment, else the first to strike would hide what the others do.
        await asyncio.sleep(0 if alone else chance.uniform(0, _LATEST_START))
        began = time.monotonic()
        await fault.inflict(Scene(self.system, self.log, self._topics, chance))
        say(f"  {fault.name}: inflicted, {time.monotonic() - began:.1f} s")

    async def _as_before(self) -> None:
        """One process in each seat, as the next run expects it."""
        wanted = {*APIS, *WORKERS}
        for seat in self.system.seats:
            if seat not in wanted:
                await self.system.end(seat)
        for seat in wanted - set(self.system.seats):
            self.system.start(seat)
        await self.system.all_ready()

    async def check_topics_now(self) -> None:
        """The checkers of the topics, which look every few minutes, look now: their workers begin by looking."""
        for seat in WORKERS:
            await self.system.end(seat)
            async with self.system.connected(seat.service) as connection:
                await connection.execute(
                    "UPDATE derived.topic_check SET checked_at = checked_at - interval '1 hour'"
                )
            self.system.start(seat)
        await self.system.all_ready()


def _tell(outcome: Outcome) -> None:
    say(
        f"{outcome.name}: {outcome.acknowledged} writes acknowledged, {outcome.lost} lost, "
        f"{outcome.doubled} doubled, {outcome.seconds:.1f} s to recover"
    )
    for finding in outcome.findings[:_SHOWN]:
        say(f"    {finding}")
    if len(outcome.findings) > _SHOWN:
        say(f"    … and {len(outcome.findings) - _SHOWN} more")

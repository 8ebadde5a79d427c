"""Replays a read model into its shadow, compares both while everything goes on, repairs or replaces the live one.

Rows that seem to differ are looked at again at a standstill: no batch is under way, and the shadow holds exactly
what lies below the stored offsets. It takes as long as what came since the last one; nobody who reads notices.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from typing import Final, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.commands.command import Desk
from shared.commands.output import Telling
from shared.db.session import driver_of
from shared.db.trouble import is_database_trouble, pause_before
from shared.kafka import offsets
from shared.kafka.offsets import Offsets
from shared.outbox.pacing import Pace
from shared.rebuilding.comparing import differences, suspects
from shared.rebuilding.model import Compared, Difference, ReadModel
from shared.rebuilding.publications import Publications
from shared.rebuilding.replay import Replay
from shared.rebuilding.report import Report
from shared.rebuilding.shadow import Shadow
from shared.rebuilding.swap import carry_over, exchange
from shared.rebuilding.untaken import Untaken, untaken

_SUSPECTS: Final = 1_000
"""People who are looked at, and repaired, in one standstill."""
_MOST_PASSES: Final = 3
_PATIENCE: Final = 60
"""Attempts at a standstill; each waits for a second at most, for new batches queue behind it."""
_UNBOUNDED: Final = "SET LOCAL transaction_timeout = 0; SET LOCAL statement_timeout = 0"

T = TypeVar("T")
Act = Callable[[AsyncSession], Awaitable[T]]


class _OnlyLooked(Exception):
    """Rolls a standstill back."""


class Rebuild:
    """One run over one service; `rebuilding` opens it."""

    def __init__(self, desk: Desk, model: ReadModel, shadow: Shadow, pace: Pace, *, resumed: bool) -> None:
        self.resumed = resumed
        self.shadow = shadow
        self.replays: list[Replay] = []
        self.publications: Publications | None = None
        self._desk = desk
        self._model = model
        self._pace = pace

    async def replay(self) -> None:
        """Bring the shadow to where the live tables are now."""
        async with self._desk.database.reading() as session:
            await self._catch_up(session)

    async def untaken(self, most: int) -> Untaken:
        """Records that the replay could not take in, and that no newer state of their key supersedes."""
        return await untaken(self.shadow.database, self._model, namespace=self._desk.namespace, most=most)

    async def compare(self, report: Report, *, repair: bool) -> None:
        """One pass over all tables. With `repair` the differences are written as they are found."""
        for compared in self._model.compared:
            if compared.whole:
                report.add(await self._look(compared, (), repair=repair))
            else:
                await self._compare_people(compared, report, repair=repair)

    async def repair(self, repaired: Report) -> Report:
        """Passes until one finds nothing, three at most; what the last one found is answered, and is left."""
        for _ in range(_MOST_PASSES):
            found = Report(repaired.most)
            await self.compare(found, repair=True)
            if not found.total:
                break
            repaired.take(found)
        left = Report(repaired.most)
        if found.total:
            await self.compare(left, repair=False)
        return left

    async def swap(self) -> None:
        """Put the shadow's tables in the place of the live ones, all at once, at a standstill."""
        await self.replay()
        await self.shadow.finish()
        # Most of it before, so that little is left for the standstill.
        async with self._desk.database.transaction() as session:
            await (await driver_of(session)).execute(_UNBOUNDED)
            await carry_over(session, self.shadow)

        async def put(session: AsyncSession) -> None:
            await exchange(session, self.shadow)

        await self._at_standstill((), put, keep=True)

    async def _compare_people(self, compared: Compared, report: Report, *, repair: bool) -> None:
        waiting: set[UUID] = set()
        telling = Telling()
        async for found in suspects(self._desk.database, compared):
            waiting |= {UUID(one.key) for one in found}
            if len(waiting) >= _SUSPECTS:
                report.add(await self._look(compared, waiting, repair=repair))
                waiting = set()
            telling(f"{compared.name}: {report.total:,} {'repaired' if repair else 'different'} so far")
        if waiting:
            report.add(await self._look(compared, waiting, repair=repair))

    async def _look(self, compared: Compared, people: Collection[UUID], *, repair: bool) -> Sequence[Difference]:
        """What really differs. Catching up before keeps the standstill short. A repair gives way."""
        ids = sorted(people)

        async def look(session: AsyncSession) -> Sequence[Difference]:
            found = await differences(session, compared, ids)
            if found and repair:
                await self._model.repair(session, found)
            return found

        async with self._pace.turn(len(ids)) if repair else nullcontext():
            await self.replay()
            return await self._at_standstill(ids, look, keep=repair)

    async def _at_standstill(self, people: Sequence[UUID], act: Act[T], *, keep: bool) -> T:
        """Act in a transaction at a standstill; without `keep` it leaves no trace. Again without a lock."""
        attempt = 0
        while True:
            try:
                return await self._at_one_standstill(people, act, keep=keep)
            except Exception as error:
                if attempt + 1 == _PATIENCE or not is_database_trouble(error):
                    raise
            await asyncio.sleep(pause_before(attempt))
            attempt += 1

    async def _at_one_standstill(self, people: Sequence[UUID], act: Act[T], *, keep: bool) -> T:
        with suppress(_OnlyLooked):
            async with self._desk.database.transaction() as session:
                driver = await driver_of(session)
                await driver.execute("SET LOCAL lock_timeout = '1s'")
                await offsets.halt_batches(session)
                await self._model.settle(session, people)
                # What the session still holds back would not be compared.
                await session.flush()
                await self._catch_up(session)
                async with self.shadow.database.transaction() as beside:
                    await self._model.settle(beside, people)
                outcome = await act(session)
                if not keep:
                    raise _OnlyLooked
        return outcome

    async def _catch_up(self, session: AsyncSession) -> None:
        """Up to exactly what the live tables hold, in the view of `session`."""
        targets = [await _stored(session, replay) for replay in self.replays]
        await self.shadow.note_reading()
        for replay, upto in zip(self.replays, targets, strict=True):
            await replay.up_to(upto)
        if self.publications:
            await self.publications.catch_up()
            # It read to where its topic ended only then.
            await self.shadow.note_reading()


async def _stored(session: AsyncSession, replay: Replay) -> Offsets:
    return dict.fromkeys(replay.partitions, 0) | dict(await offsets.load(session, replay.group, replay.partitions))


@asynccontextmanager
async def rebuilding(desk: Desk, model: ReadModel) -> AsyncIterator[Rebuild]:
    """Open a run. Its shadow is gone after it, unless it fails: then the next run goes on with it.

    Raises RebuildUnderWay.
    """
    shadow = Shadow(desk, model)

    async def settle(session: AsyncSession) -> None:
        await model.settle(session, ())

    async with AsyncExitStack() as opened:
        resumed = await opened.enter_async_context(shadow.opened())
        pace = Pace.of(desk.settings, desk.database, patient=True)
        opened.push_async_callback(pace.close)
        rebuild = Rebuild(desk, model, shadow, pace, resumed=resumed)
        for subscription in desk.subscriptions:
            replay = Replay(subscription, shadow.database, settings=desk.settings, settle=settle)
            rebuild.replays.append(await opened.enter_async_context(replay))
        if desk.published.table in model.tables:
            publications = Publications(desk, shadow.database)
            rebuild.publications = await opened.enter_async_context(publications)
        yield rebuild

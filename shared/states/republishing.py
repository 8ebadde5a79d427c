"""Current states again, from the tables to the outbox: for a topic that lost records, or a contract that grew.

The same version is the same event: consumers that have it ignore it, unless its contract grew.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.outbox.append import append
from shared.outbox.pacing import Pace
from shared.outbox.pressure import look
from shared.states import queries
from shared.states.locking import work_on_locked
from shared.states.published import PublishedStates

PAGE: Final = 500
"""Keys of one transaction."""
_LOOK_AGAIN: Final = 0.05


class Republication:
    """Publishes states again, page by page, giving way to what changes: by a pace that is patient, and while the
    outbox's oldest row is older than so many seconds, for the pace does not wait for a relay that stands still.
    """

    def __init__(
        self, database: Database, published: PublishedStates, pace: Pace, *, longest_outbox_age: float
    ) -> None:
        self.count = 0
        """States published so far."""
        self._database = database
        self._published = published
        self._pace = pace
        self._longest_outbox_age = longest_outbox_age

    async def of_keys(self, keys: Sequence[str]) -> None:
        """These keys; those without a published state are left out."""
        for start in range(0, len(keys), PAGE):
            await self._publish(keys[start : start + PAGE])

    async def behind(self, after: str | None, most: int | None) -> AsyncGenerator[str, None]:
        """All keys behind `after`, in order, `most` at most. Yields the last key of each page once it is done."""
        left = most
        while left != 0:
            async with self._database.reading() as session:
                size = PAGE if left is None else min(PAGE, left)
                keys = [key for key, _ in await queries.page(session, self._published, after=after, most=size)]
            if not keys:
                return
            await self._publish(keys)
            after = keys[-1]
            left = None if left is None else left - len(keys)
            yield after

    async def _publish(self, keys: Sequence[str]) -> None:
        await self._until_young()
        async with self._pace.turn(len(keys)):
            await work_on_locked(self._database, self._published, keys, self._append)

    async def _append(self, session: AsyncSession, locked: Mapping[str, int]) -> None:
        states = await self._published.read(session, list(locked))
        await append(session, self._published.topic, states)
        self.count += len(states)

    async def _until_young(self) -> None:
        """Wait until no row has been in the outbox for too long: single changes go before a republication."""
        # The relay is another process: there is nothing here to be told by.
        while (await look(self._database)).age > self._longest_outbox_age:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN)

"""Working on locked rows of many keys without standing in anybody's way."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.states import queries
from shared.states.published import PublishedStates

Work = Callable[[AsyncSession, Mapping[str, int]], Awaitable[None]]
"""Given the versions of the locked rows by key, in the transaction that holds them."""


async def work_on_locked(database: Database, published: PublishedStates, keys: Sequence[str], work: Work) -> None:
    """Do the work on the rows of these keys that nobody else holds in one transaction, then on the others.

    Those come one by one: who waits for one row and holds none closes no ring, in whatever order others lock.
    Keys that were never published are left out.
    """

    async def take(wanted: Sequence[str], *, skip_locked: bool) -> Mapping[str, int]:
        async with database.transaction() as session:
            locked = await queries.lock(session, published, wanted, skip_locked=skip_locked)
            await work(session, locked)
        return locked

    for held in set(keys).difference(await take(keys, skip_locked=True)):
        await take([held], skip_locked=False)

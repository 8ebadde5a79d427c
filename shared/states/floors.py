"""Versions that the topic told of keys which are not in the restored tables (`derived.version_floor`).

When such a key comes again, derived anew or told again by its source, its versions begin at 1: old to all who
follow. So it is raised above its floor as soon as it is there.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database, driver_of
from shared.outbox.append import append
from shared.states import queries
from shared.states.locking import work_on_locked
from shared.states.published import PublishedStates
from shared.states.republishing import PAGE
from shared.worker import Job

_EVERY: Final = 5.0
_TAKE: Final = "DELETE FROM derived.version_floor WHERE key = ANY($1::text[]) RETURNING key, version"


def lift_restored(database: Database, published: PublishedStates) -> Job:
    """A job of every worker; nothing to do but after a database was restored."""

    async def lift() -> bool:
        keys = await _come_again(database, published)
        if keys:
            await work_on_locked(database, published, keys, partial(_lift, published))
        return len(keys) == PAGE

    return Job("lift-restored", lift, every=_EVERY)


async def _come_again(database: Database, published: PublishedStates) -> list[str]:
    statement = f"""
        SELECT floor.key FROM derived.version_floor AS floor
        JOIN {published.table} AS held ON held.{published.key} = floor.key::{published.key_type}
        WHERE held.{published.version} > 0 LIMIT $1
    """
    async with database.reading() as session:
        return [row["key"] for row in await (await driver_of(session)).fetch(statement, PAGE)]


async def _lift(published: PublishedStates, session: AsyncSession, locked: Mapping[str, int]) -> None:
    floors: Mapping[str, int] = dict(await (await driver_of(session)).fetch(_TAKE, list(locked)))
    below = {key: floor for key, floor in floors.items() if locked[key] <= floor}
    await queries.raise_versions(session, published, below)
    await append(session, published.topic, await published.read(session, sorted(below)))

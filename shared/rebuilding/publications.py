"""Which version of each key a service has told others last: of its own topic, and of what its outbox still holds.

A row that is made again must go on above it, for others would take the same version for what they know.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, Self

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.commands.command import Desk
from shared.db.session import Database, driver_of
from shared.events.registry import CONTRACTS
from shared.kafka.subscription import Received, Subscription
from shared.rebuilding.redirection import SCHEMA
from shared.rebuilding.replay import Replay

TABLE: Final = f"{SCHEMA}.published"
_RAISE: Final = """
    ON CONFLICT (key) DO UPDATE SET version = excluded.version WHERE known.version < excluded.version
"""


class Publications:
    """Keeps `shadow.published` up to the end of the topic. Use it as an asynchronous context."""

    def __init__(self, desk: Desk, shadow: Database) -> None:
        published = desk.published
        self._database = desk.database
        self._topic = published.topic.name
        told = f"SELECT key::{published.key_type}, max(version)"
        self._note = f"""
            INSERT INTO {TABLE} AS known
            {told} FROM unnest($1::text[], $2::bigint[]) AS told (key, version) GROUP BY 1 ORDER BY 1 {_RAISE}
        """
        self._note_pending = f"""
            INSERT INTO {TABLE} AS known
            {told} FROM source.outbox WHERE topic = $1 GROUP BY 1 ORDER BY 1 {_RAISE}
        """
        subscription = Subscription(
            "rebuild.published",
            {published.topic: CONTRACTS[self._topic]},
            self._note_versions,
        )
        self._replay = Replay(subscription, shadow, settings=desk.settings)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._replay)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def catch_up(self) -> None:
        """What the outbox holds first: what leaves it meanwhile is then found in the topic."""
        async with self._database.transaction() as session:
            await (await driver_of(session)).execute(self._note_pending, self._topic)
        await self._replay.up_to(await self._replay.ends())

    async def _note_versions(self, session: AsyncSession, received: Sequence[Received[Any]]) -> None:
        states = [one.state for one in received]
        driver = await driver_of(session)
        await driver.execute(self._note, [state.key for state in states], [state.version for state in states])

"""Which version of each key a service has told others last: of its own topic, and of what its outbox still holds.

A row that is made again must go on above it, for others would take the same version for what they know. Headers
say it; no state is decoded.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Self

from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.commands.command import Desk
from shared.db.session import Database, driver_of
from shared.kafka import offsets
from shared.kafka.heartbeat import PREFIX, is_heartbeat
from shared.kafka.offsets import Offsets
from shared.kafka.record import headers_of, number_in
from shared.rebuilding.progress import Progress
from shared.rebuilding.reading import Reader
from shared.rebuilding.redirection import SCHEMA

TABLE: Final = f"{SCHEMA}.published"
MOST_KEPT: Final = 100_000
"""Keys whose versions are written at once."""
_RAISE: Final = """
    ON CONFLICT (key) DO UPDATE SET version = excluded.version WHERE known.version < excluded.version
"""


class Publications:
    """Keeps `shadow.published` up to the end of the topic. Use it as an asynchronous context."""

    def __init__(self, desk: Desk, shadow: Database) -> None:
        published = desk.published
        self._database = desk.database
        self._shadow = shadow
        self._topic = published.topic.name
        self._published = published
        self._group = desk.namespace + "rebuild.published"
        told = f"SELECT key::{published.key_type}, max(version)"
        self._note = f"""
            INSERT INTO {TABLE} AS known
            {told} FROM unnest($1::text[], $2::bigint[]) AS told (key, version) GROUP BY 1 ORDER BY 1 {_RAISE}
        """
        self._note_pending = f"""
            INSERT INTO {TABLE} AS known
            {told} FROM source.outbox WHERE topic = $1 AND NOT starts_with(key, '{PREFIX}')
            GROUP BY 1 ORDER BY 1 {_RAISE}
        """
        self._partitions = [
            TopicPartition(desk.namespace + self._topic, number) for number in range(published.topic.partitions)
        ]
        self._reader = Reader(self._partitions, desk.settings.kafka_bootstrap_servers)

    async def __aenter__(self) -> Self:
        async with self._shadow.reading() as session:
            stored = await offsets.load(session, self._group, self._partitions)
        await self._reader.start(stored)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.stop()

    async def catch_up(self) -> None:
        """What the outbox holds first: what leaves it meanwhile is then found in the topic."""
        async with self._database.transaction() as session:
            await (await driver_of(session)).execute(self._note_pending, self._topic)
        await self._read(await self._reader.ends())

    async def _read(self, ends: Offsets) -> None:
        progress = Progress(f"versions of {self._topic}")
        highest: dict[bytes | None, int] = {}
        async for fetched in self._reader.pieces(ends):
            for records in fetched.values():
                _raise(highest, records)
                progress.note(len(records), self._reader.left(ends))
            if len(highest) >= MOST_KEPT:
                await self._write(highest)
                highest = {}
        await self._write(highest)
        progress.end()

    async def _write(self, highest: Mapping[bytes | None, int]) -> None:
        if not highest:
            return
        told = {self._published.key_in(key): version for key, version in highest.items()}
        told.pop(None, None)
        async with self._shadow.transaction() as session:
            await offsets.store(session, self._group, self._reader.reached)
            await (await driver_of(session)).execute(self._note, list(told), list(told.values()))


def _raise(highest: dict[bytes | None, int], records: Iterable[ConsumerRecord]) -> None:
    """Raise these versions to what the records say."""
    for record in records:
        # 0 where no relay wrote it.
        version = number_in(headers_of(record), "ce_sequence") or 0
        if version > highest.get(record.key, 0) and not is_heartbeat(record):
            highest[record.key] = version

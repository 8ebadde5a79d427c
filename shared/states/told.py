"""The newest state of each key that the own topic tells, in a temporary table: a topic is larger than memory."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Final, NamedTuple

from shared.commands.output import Telling
from shared.events.contract import State
from shared.kafka.decoding import Event, Source, decode
from shared.kafka.reading import TopicReader
from shared.states.published import PublishedStates

_AT_ONCE: Final = 1000
_CREATE: Final = """
    CREATE TEMPORARY TABLE told (
        key text PRIMARY KEY, version bigint NOT NULL, content bigint NOT NULL, state bytea
    )
"""
_FIND: Final = "SELECT key, version, content FROM told WHERE key = ANY($1::text[])"


class Told(NamedTuple):
    """The highest version of a key in the topic. `content` is the hash of the state, good in this process only."""

    version: int
    content: int


class ToldStates:
    """Of one topic. `driver` is one connection, in autocommit, for as long as this is used."""

    def __init__(self, driver: Any, published: PublishedStates) -> None:
        self.records = 0
        self.unreadable = 0
        self._driver = driver
        self._published = published
        self._lacks = f"""
            NOT EXISTS (
                SELECT FROM {published.table} AS held
                WHERE held.{published.key} = told.key::{published.key_type} AND held.{published.version} > 0
            )
        """
        # The whole state only where it may be put back.
        kept = f"CASE WHEN {self._lacks} THEN state END" if published.put_back else "NULL"
        self._note_newest = f"""
            INSERT INTO told AS known SELECT key, version, content, {kept}
            FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[]) AS told (key, version, content, state)
            ON CONFLICT (key) DO UPDATE
                SET version = excluded.version, content = excluded.content, state = excluded.state
            WHERE known.version <= excluded.version
        """

    async def read(self, reader: TopicReader, topic_name: str) -> None:
        """Read the topic to its end."""
        await self._driver.execute(_CREATE)
        sources = {topic_name: Source(self._published.topic, self._published.contract)}
        beginnings, ends = await reader.beginnings(), await reader.ends()
        telling = Telling()
        async with aclosing(reader.read(beginnings, ends, most=_AT_ONCE)) as chunks:
            async for records, _ in chunks:
                events, dead = await decode(records, sources)
                admitted = [event for event in events if self._published.admits(event.received.state.key)]
                self.records += len(admitted)
                self.unreadable += len(dead) + len(events) - len(admitted)
                await self._note(admitted)
                telling(f"{self.records:,} records of {topic_name} read")

    async def _note(self, events: Sequence[Event]) -> None:
        newest: dict[str, Event] = {}
        for event in events:
            state = event.received.state
            if state.key not in newest or newest[state.key].received.state.version <= state.version:
                newest[state.key] = event
        if newest:
            states = [event.received.state for event in newest.values()]
            await self._driver.execute(
                self._note_newest,
                list(newest),
                [state.version for state in states],
                [hash(state) for state in states],
                [event.record.value for event in newest.values()],
            )

    async def of(self, keys: Sequence[str]) -> dict[str, Told]:
        """What the topic tells of these keys."""
        return {key: Told(*rest) for key, *rest in await self._driver.fetch(_FIND, keys)}

    async def lost(self, most: int) -> AsyncGenerator[list[State]]:
        """What the topic tells of keys that have no published state in the table, `most` at once, in key order."""
        statement = f"""
            SELECT key, state FROM told WHERE key > $1 AND state IS NOT NULL AND {self._lacks}
            ORDER BY key LIMIT $2
        """
        after = ""
        while rows := await self._driver.fetch(statement, after, most):
            yield [self._published.contract.model_validate_json(row["state"]) for row in rows]
            after = rows[-1]["key"]

    async def keep_unknown(self, most: int) -> tuple[int, list[str]]:
        """Keep a floor for each key that the topic tells and that has no published state in the table.

        Returns how many those are, and the first `most` of them.
        """
        statement = f"""
            INSERT INTO derived.version_floor AS floor
            SELECT key, version FROM told WHERE {self._lacks} ORDER BY key
            ON CONFLICT (key) DO UPDATE SET version = greatest(floor.version, excluded.version)
            RETURNING key
        """
        keys = [row["key"] for row in await self._driver.fetch(statement)]
        return len(keys), keys[:most]

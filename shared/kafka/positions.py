"""Where a topic ends and how far its followers have come, as the broker tells."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from shared.kafka.topology import Hop

_LONGEST_ANSWER: Final = 1_000
"""Milliseconds."""


class Position(NamedTuple):
    """Of a queue: how many have ever come to its end, and how many of those were taken out again."""

    end: int
    taken: int


class Positions:
    """Asks for some hops, through clients of its own: opened with the first question, closed by `close`.

    What a group has told Kafka counts (`shared.kafka.consumer` tells it ten times a second), so anybody may ask.
    """

    def __init__(self, bootstrap_servers: str, namespace: str, hops: Sequence[Hop]) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._namespace = namespace
        self._partitions = {hop: self._partitions_of(hop) for hop in hops}
        self._coordinators: dict[str, int] = {}
        self._admin: AIOKafkaAdminClient = None
        self._reader: AIOKafkaConsumer = None

    async def ask(self) -> Mapping[Hop, Position]:
        """The position of each hop, summed over the partitions.

        Raises KafkaError where the broker does not answer within seconds; then call `close`.
        """
        if self._admin is None:
            await self._open()
        everything = {tp for partitions in self._partitions.values() for tp in partitions}
        ends, *taken = await asyncio.gather(
            self._reader.end_offsets(everything),
            *(self._taken(hop.group, partitions) for hop, partitions in self._partitions.items()),
        )
        return {
            hop: Position(sum(ends[tp] for tp in partitions), of_hop)
            for (hop, partitions), of_hop in zip(self._partitions.items(), taken, strict=True)
        }

    async def close(self) -> None:
        """End the clients; the next question opens new ones."""
        admin, reader, self._admin, self._reader = self._admin, self._reader, None, None
        self._coordinators.clear()
        for close in (reader and reader.stop, admin and admin.close):
            if close:
                await close()

    async def _open(self) -> None:
        how = {"bootstrap_servers": self._bootstrap_servers, "request_timeout_ms": _LONGEST_ANSWER}
        self._admin, self._reader = AIOKafkaAdminClient(**how), AIOKafkaConsumer(**how)
        # One after the other: `close` could not end one that was still starting when the other failed.
        await self._admin.start()
        await self._reader.start()

    async def _taken(self, group: str, partitions: Sequence[TopicPartition]) -> int:
        """What the group told last; a partition of which it never told counts as unread."""
        group = self._namespace + group
        if group not in self._coordinators:
            self._coordinators[group] = await self._admin.find_coordinator(group)
        told = await self._admin.list_consumer_group_offsets(group, self._coordinators[group], list(partitions))
        return sum(max(0, told[tp].offset) for tp in partitions if tp in told)

    def _partitions_of(self, hop: Hop) -> list[TopicPartition]:
        name = self._namespace + hop.topic.name
        return [TopicPartition(name, number) for number in range(hop.topic.partitions)]

"""Which partitions a member owns, and whether a batch that it fetched is still its own.

aiokafka rebalances in the background, while a batch is being written or fetched. Each change of the assignment
begins a new epoch; a batch is written only if the epoch in which it was returned still lasts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from aiokafka import ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

from shared.waiting import set_within


@ConsumerRebalanceListener.register
class Assignment:
    """The listener of one member. `busy` is held while a batch is written, never across a fetch."""

    def __init__(self, before_leaving: Callable[[], Awaitable[None]]) -> None:
        self.busy = asyncio.Lock()
        self.partitions: frozenset[TopicPartition] = frozenset()
        self.began = False
        """Whether there has been an assignment, be it of no partition."""
        self.epoch = 0
        self._placed_epoch = -1
        self._before_leaving = before_leaving
        self._given = asyncio.Event()
        self._disturbed = asyncio.Event()
        self._ending = False

    @property
    def placed(self) -> bool:
        """Whether every partition of this epoch was put where its stored offset says."""
        return self._placed_epoch == self.epoch

    def holds(self, epoch: int) -> bool:
        """Whether what was returned in this epoch may be written now."""
        return epoch == self.epoch == self._placed_epoch

    def place(self, epoch: int) -> None:
        """All partitions assigned in this epoch were put where their stored offsets say."""
        self._placed_epoch = epoch

    def displace(self) -> None:
        """Where the partitions stand is not known any more: they must be placed again."""
        self._placed_epoch = -1

    def lose(self) -> None:
        """No partition is owned any more; whoever retries in trouble gives up."""
        self.epoch += 1
        self.partitions = frozenset()
        self._given.clear()
        self._disturbed.set()

    def end(self) -> None:
        """The consumer stops: whoever waits here stops waiting."""
        self._ending = True
        self._given.set()
        self._disturbed.set()

    async def given_within(self, seconds: float) -> bool:
        """Wait for an assignment, but not longer than this; whether there is one, or the consumer stops."""
        return await set_within(self._given, seconds)

    async def disturbed_within(self, seconds: float) -> bool:
        """Wait, but not longer than until the partitions are taken away or the consumer stops: then True."""
        return await set_within(self._disturbed, seconds)

    async def on_partitions_revoked(self, _revoked: Iterable[TopicPartition]) -> None:
        """Called by aiokafka before a rebalance; other members get the partitions only after it returns."""
        # First, so that whoever waits for `busy` finds himself too late.
        self.lose()
        async with self.busy:
            await self._before_leaving()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called by aiokafka after a rebalance. Only notes it: what fails in here is swallowed by aiokafka."""
        self.partitions = frozenset(assigned)
        self.began = True
        self.epoch += 1
        self._given.set()
        if not self._ending:
            self._disturbed.clear()

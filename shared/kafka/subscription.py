"""What a consumer group reads, and who handles it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.contract import State
from shared.events.envelope import Cause
from shared.kafka.topics import Topic

S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Received(Generic[S]):
    """One event as a handler gets it: the state, and where the change that led to it began.

    `contract` is how much of the state was understood: the publisher's count of the contract, or ours where that
    is lower. Guard writes by (version, contract): who learns a field takes the same version again when it is
    republished.
    """

    state: S
    cause: Cause
    contract: int = 1
    value: bytes | None = field(default=None, compare=False, repr=False)
    """The record's, where it came as one: the state and whatever else its publisher knows."""

    @property
    def document(self) -> str:
        """The state as JSON, as it came: to write it anew takes as long as to read it."""
        return self.state.model_dump_json() if self.value is None else self.value.decode()


Handler = Callable[[AsyncSession, Sequence[Received[Any]]], Awaitable[None]]
"""Applies a batch inside the session's transaction; it never commits.

A batch may mix the topics of the subscription and repeat a key; order within a key is kept. The same events may
come again, late and after newer ones: guard every write by version. Any error but trouble of the database is
taken for the fault of a record, which is then looked for by halving the batch.
"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One consumer group of a service: `group` is `<service>.<purpose>`, each topic has one contract."""

    group: str
    contracts: Mapping[Topic, type[State]]
    handle: Handler

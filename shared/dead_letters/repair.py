"""Handing a dead letter to its handler again, or giving it up: each in one transaction with the step that says so.

A record never goes back into a topic: the other groups have taken it in, and it would stand behind newer states.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.structs import ConsumerRecord
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.asn.nip import mask_in
from shared.db.session import Database, driver_of, savepoint
from shared.db.trouble import is_database_trouble, pause_before
from shared.dead_letters import queries
from shared.dead_letters.queries import Action, Letter, Outcome, State
from shared.kafka import offsets
from shared.kafka.dead_letter import reason_of
from shared.kafka.decoding import Source, Undecodable, decode_one
from shared.kafka.subscription import Handler, Received, Subscription

_MOST_RETRIES: Final = 4
_ESCAPED: Final = re.compile(rb"\\x(00|[89a-f][0-9a-f])")


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of a dead letter: `outcome` is None where nothing was done, for the reason in `note`."""

    id: int
    outcome: Outcome | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads the records of one topic in one group."""

    source: Source
    handle: Handler


class Repair:
    """Treats the dead letters of one service, in the name of `actor`."""

    def __init__(
        self,
        database: Database,
        subscriptions: Iterable[Subscription],
        *,
        namespace: str,
        actor: str,
    ) -> None:
        self._database = database
        self._actor = actor
        self._readers = {
            (namespace + subscription.group, namespace + topic.name): _Reader(
                Source(topic, contract), subscription.handle
            )
            for subscription in subscriptions
            for topic, contract in subscription.contracts.items()
        }

    async def replay(self, letter_id: int, *, or_drop_because: str | None = None) -> Treated:
        """Decode and handle it as its consumer would, once whoever asks how often.

        Effects, outbox rows, the state and the step commit together. A record that fails again leaves its step
        only, and is dropped where a reason for that is given. Raises the error of a database in trouble.
        """

        async def treat(session: AsyncSession, letter: Letter) -> Treated:
            failure = await self._hand_over(session, letter)
            if failure is None:
                return await self._conclude(session, letter, Action.REPLAY, Outcome.REPLAYED)
            failed = await self._conclude(session, letter, Action.REPLAY, Outcome.FAILED, failure)
            if or_drop_because is None:
                return failed
            return await self._conclude(session, letter, Action.DROP, Outcome.DROPPED, or_drop_because)

        return await self._patiently(letter_id, treat)

    async def drop(self, letter_id: int, why: str) -> Treated:
        """Give it up: its row stays, as dropped. Raises the error of a database in trouble."""

        async def treat(session: AsyncSession, letter: Letter) -> Treated:
            return await self._conclude(session, letter, Action.DROP, Outcome.DROPPED, why)

        return await self._patiently(letter_id, treat)

    async def _patiently(
        self,
        letter_id: int,
        treat: Callable[[AsyncSession, Letter], Awaitable[Treated]],
    ) -> Treated:
        """Treat it in a transaction of its own; again when a consumer that works beside came in the way."""
        attempt = 0
        while True:
            try:
                return await self._treat(letter_id, treat)
            except Exception as error:
                if attempt == _MOST_RETRIES or not is_database_trouble(error):
                    raise
            await asyncio.sleep(pause_before(attempt))
            attempt += 1

    async def _treat(
        self,
        letter_id: int,
        treat: Callable[[AsyncSession, Letter], Awaitable[Treated]],
    ) -> Treated:
        async with self._database.transaction() as session:
            await offsets.join_batches(session)
            letter = await queries.lock(session, letter_id)
            if letter is None:
                return Treated(letter_id, None, "there is no such dead letter")
            if letter.state is not State.OPEN:
                return Treated(letter_id, None, f"is {letter.state} already")
            return await treat(session, letter)

    async def _hand_over(self, session: AsyncSession, letter: Letter) -> str | None:
        """Why it failed again, in the words of a dead letter; None: its effects are in the transaction."""
        reader = self._readers.get((letter.group, letter.topic))
        if reader is None:
            return "this release reads no such topic in such a group"
        try:
            received: Received[Any] = decode_one(_record_of(letter), reader.source)
            async with savepoint(session):
                driver = await driver_of(session)
                # What would fail only at the commit fails here, where it can be undone.
                await driver.execute("SET CONSTRAINTS ALL IMMEDIATE")
                await reader.handle(session, [received])
        except Undecodable as undecodable:
            return str(undecodable)
        except Exception as error:
            if is_database_trouble(error):
                raise
            return reason_of(error)
        return None

    async def _conclude(
        self,
        session: AsyncSession,
        letter: Letter,
        action: Action,
        outcome: Outcome,
        note: str | None = None,
    ) -> Treated:
        """Add the step, and bring the state where the outcome says; notes keep no NIP."""
        note = None if note is None else mask_in(note)
        if outcome is not Outcome.FAILED:
            await queries.set_state(session, letter.id, State(outcome))
        await queries.add_steps(session, [letter.id], action, actor=self._actor, outcome=outcome, note=note)
        return Treated(letter.id, outcome, note)


def _record_of(letter: Letter) -> ConsumerRecord:
    """The record as the consumer had it."""
    return ConsumerRecord(
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        timestamp=int(letter.created_at.timestamp() * 1000),
        timestamp_type=0,
        key=letter.key,
        value=letter.payload,
        checksum=None,
        serialized_key_size=len(letter.key or b""),
        serialized_value_size=len(letter.payload or b""),
        headers=[(name, _unescaped(value)) for name, value in letter.headers.items() if value is not None],
    )


def _unescaped(header: str) -> bytes:
    """The bytes of a header again: `bury` escaped those that are no text."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), header.encode())

"""A database came back older than its topic. What its tables say is right from now on, and the topic follows.

What the topic tells at a version that the table has not reached, or tells otherwise, would make every later change
of that key an old one in the eyes of its consumers. So those versions are raised above the topic's, and the states
published again. Of keys that only the topic knows the tables say nothing: their rows are put back where states say
all of them. Otherwise an employee who is sent again would be another one to all who follow, beside himself.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.commands.output import Telling, tell
from shared.commands.performing import NotNow
from shared.db.session import Database, driver_of
from shared.db.trouble import is_database_trouble
from shared.events.contract import State
from shared.kafka.reading import reading
from shared.outbox.append import append
from shared.outbox.session import kept_alive, relay_session, take_lock
from shared.settings import ServiceSettings
from shared.states import queries
from shared.states.locking import work_on_locked
from shared.states.published import PublishedStates, PutBack
from shared.states.republishing import PAGE
from shared.states.told import Told, ToldStates


class RelayActive(NotNow):
    """The relay must not publish meanwhile what the restored outbox still holds."""

    def __init__(self) -> None:
        super().__init__("a relay is active: stop all workers of this service first")


class Verdict(Enum):
    """What becomes of a key."""

    SAME = auto()
    AGAIN = auto()
    RAISED = auto()


def judge(version: int, state: State | None, told: Told | None) -> Verdict:
    """By the version of the row, the state that was published at it if the row still has it, and the topic."""
    if told is None or told.version < version:
        return Verdict.AGAIN
    if told.version > version:
        return Verdict.RAISED
    # A row that has moved on since goes out by itself, above what was told.
    return Verdict.SAME if state is None or hash(state) == told.content else Verdict.RAISED


@dataclass
class Outcome:
    """How many records were read, keys compared, published again at their versions, and raised above the topic's.

    `put_back` counts keys that the topic alone knew, `missing` those of which that is still so; `missing_keys` are
    the first of these.
    """

    records: int = 0
    unreadable: int = 0
    put_back: int = 0
    compared: int = 0
    published_again: int = 0
    raised: int = 0
    outbox_rows_removed: int = 0
    missing: int = 0
    missing_keys: tuple[str, ...] = ()


class Restoration:
    """Brings the topic of one service in line with its restored tables. Running it again changes nothing."""

    def __init__(self, settings: ServiceSettings, database: Database, published: PublishedStates) -> None:
        self.outcome: Final = Outcome()
        self._settings = settings
        self._database = database
        self._published = published

    async def run(self, *, most_listed: int) -> Outcome:
        """Raises RelayActive."""
        async with relay_session(self._settings.database_url, service=self._settings.service) as relay:
            if not await take_lock(relay):
                raise RelayActive
            await kept_alive(relay, self._run(most_listed))
        return self.outcome

    async def _run(self, most_listed: int) -> None:
        async with self._database.reading() as session:
            told = ToldStates(await driver_of(session), self._published)
            await self._read_topic(told)
            await self._put_back(told)
            await self._compare(told)
            self.outcome.missing, missing = await told.keep_unknown(most_listed)
            self.outcome.missing_keys = tuple(missing)

    async def _read_topic(self, told: ToldStates) -> None:
        namespace, topic = self._settings.kafka_namespace, self._published.topic
        async with reading(self._settings.kafka_bootstrap_servers, namespace, topic) as reader:
            await told.read(reader, namespace + topic.name)
        self.outcome.records, self.outcome.unreadable = told.records, told.unreadable
        tell(f"{told.records:,} records of {topic.name} read")

    async def _put_back(self, told: ToldStates) -> None:
        put_back = self._published.put_back
        if put_back is None:
            return
        async with aclosing(told.lost(PAGE)) as pages:
            async for states in pages:
                self.outcome.put_back += await self._put_back_halving(put_back, states)

    async def _put_back_halving(self, put_back: PutBack, states: Sequence[State]) -> int:
        """Put back all but those that the tables refuse, whoever published them: they stay missing."""
        try:
            async with self._database.transaction() as session:
                return await put_back(session, states)
        except Exception as error:
            if is_database_trouble(error):
                raise
            if len(states) == 1:
                return 0
        middle = len(states) // 2
        first = await self._put_back_halving(put_back, states[:middle])
        return first + await self._put_back_halving(put_back, states[middle:])

    async def _compare(self, told: ToldStates) -> None:
        after: str | None = None
        telling = Telling()
        while True:
            async with self._database.reading() as session:
                page = await queries.page(session, self._published, after=after, most=PAGE)
            if not page:
                return
            keys = [key for key, _ in page]
            mend = partial(self._mend, await told.of(keys))
            await work_on_locked(self._database, self._published, keys, mend)
            after = keys[-1]
            telling(f"{self.outcome.compared:,} keys compared")

    async def _mend(self, told: Mapping[str, Told], session: AsyncSession, locked: Mapping[str, int]) -> None:
        published = self._published
        states = {each.state.key: each.state for each in await published.read(session, list(locked))}
        verdicts = {key: judge(version, states.get(key), told.get(key)) for key, version in locked.items()}
        raised = {key: told[key].version for key, verdict in verdicts.items() if verdict is Verdict.RAISED}
        removed = await queries.forget_pending(
            session, published, {key: told[key].version for key in locked if key in told}
        )
        await queries.raise_versions(session, published, raised)
        waiting = await queries.pending(session, published, list(locked))
        again = {key for key, verdict in verdicts.items() if verdict is Verdict.AGAIN} - waiting
        outgoing = await published.read(session, sorted(raised.keys() | again))
        await append(session, published.topic, outgoing)
        self.outcome.compared += len(locked)
        self.outcome.raised += len(raised)
        self.outcome.published_again += len(outgoing) - len(raised)
        self.outcome.outbox_rows_removed += removed

"""The relay of another process is woken by a notification that stands for many commits."""

import asyncio
from typing import Any

from shared.db.engine import Role, create_engine
from shared.db.session import Database
from shared.outbox.signal import CHANNEL, RelaySignal
from tests.shared.conditions import until
from tests.shared.items import item
from tests.shared.outbox.conftest import publish


async def test_all_engines_of_one_database_share_a_signal(core_database_url: str, database: Database) -> None:
    other = create_engine(core_database_url, service="core", role=Role.API, pool_size=1)
    assert RelaySignal.of(other) is RelaySignal.of(database.engine)
    await other.dispose()


async def test_without_a_relay_here_a_commit_notifies_once_for_many(database: Database, outside: Any) -> None:
    heard: list[str] = []
    async with outside.acquire() as listener:
        await listener.add_listener(CHANNEL, lambda *_: heard.append(CHANNEL))
        for number in range(20):
            async with database.transaction() as session:
                await publish(session, item(f"i{number}"))
            RelaySignal.of_session(session).wake()

        async def heard_something() -> bool:
            return bool(heard)

        await until(heard_something)
        await RelaySignal.of(database.engine).close()
        assert len(heard) < 20
        await listener.remove_listener(CHANNEL, lambda *_: None)
        await listener.reset()


async def test_a_notification_that_fails_harms_nobody(core_database_url: str, outside: Any) -> None:
    broken = create_engine(core_database_url + "_missing", service="core", role=Role.API, pool_size=1)
    signal = RelaySignal.of(broken)
    signal.wake()
    await signal.close()
    assert signal._notifying is not None
    assert signal._notifying.exception() is None
    await broken.dispose()


async def test_closing_leaves_the_signal_usable(database: Database) -> None:
    signal = RelaySignal.of(database.engine)
    await signal.close()
    signal.wake()
    await signal.close()
    await asyncio.sleep(0)
    assert not signal._asked

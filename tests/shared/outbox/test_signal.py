"""The relay of another process is woken by a notification that stands for many commits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from shared.db.engine import Role, create_engine
from shared.db.session import Database
from shared.outbox.gathering import Gathering
from shared.outbox.signal import CHANNEL, RelaySignal
from tests.shared.conditions import until
from tests.shared.items import item
from tests.shared.outbox.conftest import commit


async def test_all_engines_of_one_database_share_a_signal(core_database_url: str, database: Database) -> None:
    other = create_engine(core_database_url, service="core", role=Role.API, pool_size=1)
    assert RelaySignal.of(other) is RelaySignal.of(database.engine)
    await other.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def heard(core_database_url: str) -> AsyncIterator[list[str]]:
    """The notifications, as a relay in another process hears them."""
    heard: list[str] = []
    listener = await asyncpg.connect(core_database_url)
    await listener.add_listener(CHANNEL, lambda *_: heard.append(CHANNEL))
    yield heard
    await listener.close()


async def test_without_a_relay_here_a_commit_notifies(database: Database, heard: list[str]) -> None:
    await commit(database, item("i1"))
    await until(lambda: _any(heard))


async def test_one_notification_stands_for_all_that_are_asked_for_meanwhile(
    database: Database,
    heard: list[str],
) -> None:
    signal = RelaySignal.of(database.engine)
    for _ in range(100):
        signal.wake()
    await signal.close()
    await until(lambda: _any(heard))
    assert len(heard) == 1


async def test_where_the_relay_runs_here_nobody_else_is_notified(database: Database, heard: list[str]) -> None:
    signal = RelaySignal.of(database.engine)
    with signal.served():
        signal.wake()
    signal.wake()
    await signal.close()
    await until(lambda: _any(heard))
    assert len(heard) == 1


async def _any(heard: list[str]) -> bool:
    return bool(heard)


async def test_a_notification_that_fails_harms_nobody(core_database_url: str) -> None:
    broken = create_engine(core_database_url + "_missing", service="core", role=Role.API, pool_size=1)
    signal = RelaySignal.of(broken)
    signal.wake()
    await signal.close()
    assert signal._notifying is not None
    assert signal._notifying.exception() is None
    await broken.dispose()


async def test_a_connection_lost_while_it_is_kept_is_replaced(
    database: Database, heard: list[str], outside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gathering, "distance", lambda *_: 0.2)
    signal = RelaySignal.of(database.engine)
    signal.wake()
    await until(lambda: _any(heard))
    await outside.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'core.worker'"
    )
    signal.wake()
    await signal.close()
    heard.clear()
    signal.wake()
    await until(lambda: _any(heard))
    await signal.close()


async def test_closing_leaves_the_signal_usable(database: Database) -> None:
    signal = RelaySignal.of(database.engine)
    await signal.close()
    signal.wake()
    await signal.close()
    await asyncio.sleep(0)
    assert not signal._asked

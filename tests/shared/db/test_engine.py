"""Sessions are bounded by the server, so that who stops in the middle cannot hold locks for long."""

from typing import Final

import pytest

from shared.db.engine import Role, create_engine
from shared.db.session import Database, driver_of
from shared.kafka.settings import LONGEST_BATCH_SECONDS

_BOUNDS: Final = (
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "transaction_timeout",
    "tcp_user_timeout",
    "lock_timeout",
)


@pytest.mark.parametrize(
    ("role", "statement", "idle", "transaction"), [(Role.API, 10, 10, 30), (Role.WORKER, 30, 15, 60)]
)
async def test_sessions_are_bounded_and_see_what_others_committed(
    core_database_url: str,
    role: Role,
    statement: int,
    idle: int,
    transaction: int,
) -> None:
    database = Database(create_engine(core_database_url, service="core", role=role, pool_size=1))
    async with database.transaction() as session:
        driver = await driver_of(session)
        settings = dict(await driver.fetch("SELECT name, setting FROM pg_settings"))
    await database.close()
    assert settings["transaction_isolation"] == "read committed"
    assert {name: int(settings[name]) // 1000 for name in _BOUNDS} == dict(
        zip(_BOUNDS, (statement, idle, transaction, transaction, 10), strict=True)
    )


@pytest.mark.parametrize(("by_index", "plans", "scans"), [(False, "custom", "on"), (True, "generic", "off")])
async def test_who_goes_by_index_plans_once(
    core_database_url: str, *, by_index: bool, plans: str, scans: str
) -> None:
    engine = create_engine(core_database_url, service="core", role=Role.WORKER, pool_size=1, by_index=by_index)
    database = Database(engine)
    async with database.reading() as session:
        driver = await driver_of(session)
        assert await driver.fetchval("SHOW plan_cache_mode") == f"force_{plans}_plan"
        assert await driver.fetchval("SHOW enable_seqscan") == scans
    await database.close()


async def test_a_rebalance_waits_as_long_as_a_batch_may_take(core_database_url: str) -> None:
    database = Database(create_engine(core_database_url, service="core", role=Role.WORKER, pool_size=1))
    async with database.transaction() as session:
        longest = await (await driver_of(session)).fetchval("SHOW transaction_timeout")
    await database.close()
    assert longest in {f"{LONGEST_BATCH_SECONDS}s", f"{LONGEST_BATCH_SECONDS // 60}min"}

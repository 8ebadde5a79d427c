"""A fold of people who lie all over the table, by the folder's own function."""

import time
from typing import Final
from uuid import uuid4

from services.reporting.boards.rules import policy_in_force
from services.reporting.folding.service import fold
from services.reporting.standings.tables import Standing
from shared.db.engine import Role, create_engine
from shared.db.session import Database, driver_of

PEOPLE: Final = 200
_COLUMNS: Final = [name for name in Standing.model_fields if name not in {"version", "value"}]
# Ids are random, so people whose ids follow each other lie all over the table.
_MOVE: Final = f"""
    WITH moved AS (
        INSERT INTO derived.standing AS known (version, value, {", ".join(_COLUMNS)})
        SELECT version + 1, (value + 1237) % 10000, {", ".join(_COLUMNS)}
        FROM derived.folded WHERE employee_id >= $1 ORDER BY employee_id LIMIT {PEOPLE}
        ON CONFLICT (employee_id) DO UPDATE SET version = EXCLUDED.version, value = EXCLUDED.value
        RETURNING employee_id
    )
    INSERT INTO derived.dirty (employee_id) SELECT employee_id FROM moved
"""


async def fold_milliseconds(database_url: str, times: int) -> list[float]:
    """Of each fold with its commit; the first, which plans, is left out."""
    database = Database(create_engine(database_url, service="bench", role=Role.WORKER, pool_size=1))
    policy, taken = policy_in_force(), []
    try:
        for _ in range(times + 1):
            async with database.transaction() as session:
                await (await driver_of(session)).execute(_MOVE, uuid4())
            began = time.perf_counter()
            async with database.transaction() as session:
                await fold(session, policy, most=PEOPLE)
            taken.append((time.perf_counter() - began) * 1000)
    finally:
        await database.close()
    return taken[1:]

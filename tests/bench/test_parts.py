"""The least parts of a score: that they do what they stand for, and how they are added up."""

import secrets
from typing import Any, cast

import asyncpg
import pytest

from bench.installation import Bench
from bench.parts.costing import Cost, Round, means
from bench.parts.sample import REGIONS, Sample
from bench.parts.writing import Writes
from bench.sizes import QUICK
from deploy.local import databases
from deploy.local.stack import Stack

PEOPLE = 2_000
ROUNDS = 2
_BARE_BENCH = cast("Bench", None)

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("read", [False, True])
async def test_every_row_of_a_score_is_written_and_nothing_is_left_on_its_way(stack: Stack, *, read: bool) -> None:
    name = f"test_parts_{secrets.token_hex(6)}"
    url = await Bench(stack, cast("Any", None), QUICK).fresh_database(name)
    connection: Any = await asyncpg.connect(url)
    try:
        writes = Writes(connection, Sample.taken(), PEOPLE, read=read)
        await writes.prepare()
        for _ in range(ROUNDS):
            for batches in writes.round().values():
                for batch in batches:
                    await batch()
        await _is_whole(connection)
        if read:
            ranked = await connection.fetch(
                "SELECT block FROM histogram WHERE scope = '' AND block > 0 AND total <> "
                "(SELECT count(*) FROM folded WHERE value / 100 = block)"
            )
            assert ranked == []
    finally:
        await connection.close()
        await databases.drop(stack.database_url, [name])


async def _is_whole(connection: Any) -> None:
    async def count(what: str) -> int:
        number: int = await connection.fetchval(f"SELECT count(*) FROM {what}")
        return number

    assert [await count(name) for name in ("results_outbox", "talents_outbox", "dirty")] == [0, 0, 0]
    assert await count("score") == ROUNDS * PEOPLE
    assert await count(f"result WHERE version = {ROUNDS}") == PEOPLE
    assert await count(f"talent WHERE assessment_version = {ROUNDS} AND box IS NOT NULL") == PEOPLE
    assert (
        await count(f"standing JOIN folded USING (employee_id, version, value) WHERE version = {ROUNDS}") == PEOPLE
    )
    sums = "(SELECT region, count(*) AS people, sum(value) AS value_sum FROM folded GROUP BY region) AS right_one"
    assert await count(f"tally JOIN {sums} USING (region, people, value_sum)") == REGIONS


async def test_more_work_of_a_part_is_added_to_it_and_means_are_over_rounds() -> None:
    rounds = [Round(_BARE_BENCH, 10), Round(_BARE_BENCH, 10)]
    rounds[0].parts["rule"] = Cost(1.0, 2.0, 0.5).plus(Cost(1.0, 0.0, 0.5))
    rounds[1].parts["rule"] = Cost(6.0, 3.0, 1.0).over(Cost(2.0, 1.0, 0.0))
    assert rounds[0].microseconds == 5.0
    assert means(rounds) == {"rule": {"python": 3.0, "postgresql": 2.0, "kafka": 1.0}}

"""The least chain: that a score goes through all of it, and that the moments it keeps are those of its way."""

from dataclasses import replace
from typing import Any, Final, cast

import asyncpg
import pytest

from bench.installation import Bench
from bench.least.running import BARE_HOPS, Chain, chain_of
from bench.sizes import QUICK
from deploy.local.stack import Stack
from tests.shared.conditions import until

PEOPLE: Final = 100
SCORES: Final = 60
WATCHED: Final = SCORES // 5
TURNS: Final = 2

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_score_is_written_by_every_hop_and_what_is_watched_is_read(stack: Stack) -> None:
    sizes = replace(QUICK, bulk_rows=2 * PEOPLE, scored=PEOPLE)
    async with chain_of(Bench(stack, cast("Any", None), sizes)) as chain:
        turns = [await chain.turn(number, SCORES) for number in range(TURNS)]
        for turn in turns:
            assert set(turn.hops) == set(BARE_HOPS)
            assert {name: len(values) for name, values in turn.hops.items()} == {
                name: WATCHED if name in {"visible", "total"} else SCORES for name in BARE_HOPS
            }
            assert min(turn.hops["total"]) > 0
        await _is_whole(chain)


async def _is_whole(chain: Chain) -> None:
    assert await _count(chain, "assessment", "score") == TURNS * SCORES
    assert await _count(chain, "assessment", f"result WHERE version = {TURNS}") == SCORES
    assert await _count(chain, "placement", f"talent WHERE version = {TURNS}") == SCORES
    assert await _count(chain, "reporting", f"standing WHERE version = {TURNS}") == SCORES
    sums = "(SELECT region, sum(value) AS value_sum FROM standing GROUP BY region) AS right_one"
    regions = await _count(chain, "reporting", "tally")
    assert await _count(chain, "reporting", f"tally JOIN {sums} USING (region, value_sum)") == regions

    async def nothing_is_on_its_way() -> bool:
        return not await _count(chain, "assessment", "outbox") + await _count(chain, "placement", "outbox")

    # What was published last is deleted with the next look.
    await until(nothing_is_on_its_way)


async def _count(chain: Chain, service: str, what: str) -> int:
    connection: Any = await asyncpg.connect(chain.urls[service])
    try:
        number: int = await connection.fetchval(f"SELECT count(*) FROM {what}")
    finally:
        await connection.close()
    return number

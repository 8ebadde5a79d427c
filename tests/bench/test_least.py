"""The least chain, bare and with what is asked of it: that a score goes through all of it, and what it tells."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import asyncpg
import pytest

from bench.freshness.scoring import NEVER
from bench.installation import Bench
from bench.least.budget import measure_budget
from bench.least.running import ASKED, BARE_HOPS, FRAMED, Chain, Kind, chain_of
from bench.sizes import QUICK
from deploy.local.issuer import Issuer
from deploy.local.ports import is_free
from deploy.local.stack import Stack
from tests.shared.conditions import until

PEOPLE: Final = 100
SCORES: Final = 60
WATCHED: Final = SCORES // 5
TURNS: Final = 2
FIRST_PORT: Final = 18_310
SIZES: Final = replace(QUICK, bulk_rows=2 * PEOPLE, scored=PEOPLE)
NOBODY: Final = cast("Issuer", None)
"""The bare chain wants no token."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_score_is_written_by_every_hop_and_what_is_watched_is_read(stack: Stack) -> None:
    async with chain_of(Bench(stack, NOBODY, SIZES)) as chain:
        turns = [await chain.turn(number, SCORES, by_hop=True) for number in range(TURNS)]
        for turn in turns:
            assert set(turn.hops) == set(BARE_HOPS)
            assert {name: len(values) for name, values in turn.hops.items()} == {
                name: WATCHED if name in {"visible", "total"} else SCORES for name in BARE_HOPS
            }
            assert 0 < min(turn.hops["total"]) <= max(turn.hops["total"]) < NEVER
        await _is_whole(chain)


@pytest.mark.parametrize("kind", [ASKED, FRAMED], ids=["asked", "framed"])
async def test_what_is_asked_besides_is_done_to_every_score(stack: Stack, tmp_path: Path, kind: Kind) -> None:
    port = next(port for port in range(FIRST_PORT, 65_000) if is_free(port))
    with Issuer(tmp_path, port) as issuer:
        async with chain_of(Bench(stack, issuer, SIZES), kind) as chain:
            turns = [await chain.turn(number, SCORES) for number in range(TURNS)]
            assert [len(turn.hops["total"]) for turn in turns] == [WATCHED] * TURNS
            assert max(*turns[0].hops["total"], *turns[1].hops["total"]) < NEVER
            await _is_whole_as_asked(chain)


async def _is_whole_as_asked(chain: Chain) -> None:
    assert await _count(chain, "assessment", "score") == TURNS * SCORES
    assert await _count(chain, "assessment", "answered") == TURNS * SCORES

    async def everything_is_folded() -> bool:
        folded = f"folded WHERE assessment_version = {TURNS} AND value IS NOT NULL"
        return await _count(chain, "reporting", folded) == SCORES

    # The last few are not watched.
    await until(everything_is_folded)
    evaluated = f"talent WHERE assessment_version = {TURNS} AND evaluated_on IS NOT NULL"
    assert await _count(chain, "placement", evaluated) == SCORES
    sums = "(SELECT region, sum(value) AS value_sum FROM folded GROUP BY region) AS right_one"
    regions = await _count(chain, "reporting", "tally")
    assert await _count(chain, "reporting", f"tally JOIN {sums} USING (region, value_sum)") == regions
    # Everybody began in the lowest block.
    people = "SELECT value / 100 AS block, count(*) AS total FROM folded WHERE value >= 100"
    blocks = f"({people} GROUP BY block) AS right_one"
    ranked = await _count(chain, "reporting", f"histogram JOIN {blocks} USING (block, total) WHERE scope = ''")
    assert ranked == await _count(chain, "reporting", blocks) > 1


async def test_a_burden_is_taken_besides_whether_relays_gather_or_not(stack: Stack) -> None:
    # More than what else is at work on the machine adds to the median of so many.
    burden = 20.0
    sizes = replace(SIZES, rate=30, burdens=(0.0, burden), burden_seconds=1.5, burden_repeats=1)
    async with chain_of(Bench(stack, NOBODY, sizes)) as chain:
        own = {process.name: 1.0 for process in chain.processes}
        points = await measure_budget(chain, own, 0)
    assert [(point["gathers"], point["burden"]) for point in points] == [
        *((False, 0.0), (False, burden)),
        *((True, 0.0), (True, burden)),
    ]
    for without, burdened in (points[:2], points[2:]):
        assert burdened["cost"] >= without["cost"] + burden / 2
        assert burdened["p50"] > without["p50"]


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

"""Rows changed by hand in every service, whatever their number, and what `verify` must find then: these alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.figures import Limit, Row, significant
from bench.installation import Bench
from bench.machine import load_average
from bench.verifying.measuring import run_verify
from deploy.local.progress import say
from deploy.local.settings import SERVICES
from shared.verification.differences import Kind

EXACTLY: Final = Limit("0: all that was planted, nothing else", at_most=0.0, of_ratio=False)
_LOOK_AGAIN_FOR: Final = ("--patience", "1")
"""Nothing is on its way: what differs goes on differing."""

Finding = tuple[str, Kind, str, str]
"""Which service finds a difference of which kind, of what, and the key."""


@dataclass(frozen=True, slots=True)
class Plant:
    """One row of a table in the database of `home`: how it is changed, how back, and who finds what of it."""

    home: str
    table: str
    change: str
    back: str
    found: Mapping[str, Sequence[tuple[Kind, str]]]
    key: str = "employee_id"
    where: str = "true"


_CATEGORY: Final = """
    body = jsonb_set(body, '{competency,category}', to_jsonb(reverse(body #>> '{competency,category}')))
"""
PLANTS: Final = (
    Plant(
        "profile",
        "source.employee",
        "post_title = reverse(post_title)",
        "post_title = reverse(post_title)",
        {
            "profile": [(Kind.DERIVATION, "source.employee")],
            "placement": [(Kind.CONTENT, "profile.employees")],
        },
    ),
    Plant(
        "profile",
        "source.employee",
        "version = version + 1",
        "version = version - 1",
        {
            "assessment": [(Kind.STALE, "profile.employees")],
            "placement": [(Kind.STALE, "profile.employees")],
        },
    ),
    Plant(
        "assessment",
        "derived.result",
        _CATEGORY,
        _CATEGORY,
        {
            "assessment": [(Kind.DERIVATION, "derived.result")],
            "placement": [(Kind.CONTENT, "assessment.results")],
        },
        where="body -> 'competency' <> 'null'",
    ),
    Plant(
        "assessment",
        "derived.result",
        "version = version + 1",
        "version = version - 1",
        {"placement": [(Kind.STALE, "assessment.results")]},
    ),
    Plant(
        "placement",
        "derived.talent",
        "box = box + 1",
        "box = box - 1",
        {
            "placement": [(Kind.DERIVATION, "derived.talent")],
            "reporting": [(Kind.CONTENT, "placement.talents")],
        },
        where="box < 9",
    ),
    Plant(
        "placement",
        "derived.talent",
        "version = version + 1",
        "version = version - 1",
        {"reporting": [(Kind.STALE, "placement.talents")]},
    ),
    Plant(
        "reporting",
        "derived.standing",
        "version = version - 1",
        "version = version + 1",
        {"reporting": [(Kind.DERIVATION, "derived.folded"), (Kind.STALE, "placement.talents")]},
    ),
    Plant(
        "reporting",
        "derived.region_tally",
        "boxed = boxed + 1",
        "boxed = boxed - 1",
        {"reporting": [(Kind.DERIVATION, "derived.region_tally")]},
        key="region",
    ),
    Plant(
        "reporting",
        "derived.board_row",
        "rank = rank + 1",
        "rank = rank - 1",
        {"reporting": [(Kind.DERIVATION, "derived.board_row")]},
        key="region",
        where="rank IS NOT NULL",
    ),
)


async def measure_planted(bench: Bench) -> list[Row]:
    """How many differences were missed or found too many. At the end all rows are as before."""
    async with AsyncExitStack() as planted:
        expected: set[Finding] = set()
        for plant in PLANTS:
            key = await planted.enter_async_context(_planted(bench, plant, {key for *_, key in expected}))
            expected |= {(service, *one, key) for service, ones in plant.found.items() for one in ones}
        began = time.perf_counter()
        found = set().union(*await asyncio.gather(*(_found_by(bench, service) for service in SERVICES)))
        seconds = time.perf_counter() - began
    wrong = sorted(expected ^ found)
    say(f"verify found {len(expected & found)} of {len(expected)} planted differences, {len(wrong)} wrong")
    employees = bench.sizes.employees
    details = {"planted": len(PLANTS), "expected": len(expected), "wrong": wrong, "seconds": significant(seconds)}
    name = (
        f"differences that verify missed or made up, {len(PLANTS)} rows of {employees:,} employees changed by hand"
    )
    return [Row.of(name, "", [len(wrong)], load=load_average(), limit=EXACTLY, details=details)]


@asynccontextmanager
async def _planted(bench: Bench, plant: Plant, taken: Collection[str]) -> AsyncIterator[str]:
    """The key of the row, which is none of those that are taken."""
    choose = f"""
        SELECT {plant.key} FROM {plant.table}
        WHERE {plant.where} AND {plant.key}::text <> ALL ($1) ORDER BY {plant.key} LIMIT 1
    """
    row = f"WHERE {plant.key} = $1"
    async with bench.looking_into(plant.home) as database:
        key = await database.fetchval(choose, list(taken))
        await database.execute(f"UPDATE {plant.table} SET {plant.change} {row}", key)
        try:
            yield str(key)
        finally:
            await database.execute(f"UPDATE {plant.table} SET {plant.back} {row}", key)


async def _found_by(bench: Bench, service: str) -> set[Finding]:
    told = await run_verify(bench, service, *_LOOK_AGAIN_FOR)
    return {(service, Kind(one["kind"]), one["of"], one["key"]) for one in told["differences"]}

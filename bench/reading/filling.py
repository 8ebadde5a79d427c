"""Fills reporting's folded tables with any number of employees by SQL alone, in the form that folding leaves."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from services.reporting.boards.queries import tallies_of
from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.service import update_board
from services.reporting.folding.queries import next_revision, take_turn
from services.reporting.ranks.queries import scope_names
from services.reporting.ranks.rules import BLOCK, BLOCKS, BY_BLOCK, NOT_BY_BLOCK
from shared.asn.post import PostLevel
from shared.db.engine import Role, create_engine
from shared.db.session import Database
from shared.events.envelope import Cause

LARGE_UNIT: Final = "large"
"""A unit of ten thousand people, or of all of its region where that has fewer; all others have about 200."""
_LARGE: Final = 10_000
_OF_A_UNIT: Final = 200

# A value as many people have it: nearly normal around 70, as the sum of three uniform draws.
_PEOPLE: Final = f"""
    INSERT INTO derived.folded (
        employee_id, version, contract, region, unit_id, level, active, value, x, y, box, in_pool,
        employee_version, assessment_version, origin_time, causes, folded_at
    )
    SELECT
        gen_random_uuid(), 2, 1, ($2::text[])[1 + n % $3],
        CASE WHEN n % $3 = 0 AND n / $3 < {_LARGE} THEN '{LARGE_UNIT}'
            ELSE (n / $3 % greatest(1, $1 / $3 / {_OF_A_UNIT}))::text END,
        ($4::text[])[1 + n / $3 % cardinality($4::text[])], true, value, value * 100, value * 100,
        1 + n % 9, n % 9 > 6, 1, 1, now(), ARRAY['bench'], now()
    FROM (
        SELECT n, (3000 + (random() + random() + random()) * 2333)::integer AS value
        FROM generate_series(0, $1::integer - 1) AS n
    ) AS drawn
"""
# Millions of rows are indexed faster when all are there.
_INDEXES: Final = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid = 'derived.folded'::regclass AND NOT indisprimary
"""
_FOR_MILLIONS: Final = """
    SET synchronous_commit = off; SET work_mem = '1GB'; SET maintenance_work_mem = '512MB';
    SET statement_timeout = 0
"""
_SCOPES: Final = ", ".join(f"({name})" for name in scope_names("person").values())
_HISTOGRAMS: Final = f"""
    WITH counted AS (
        SELECT scope.name AS scope, value / {BLOCK} AS block, value % {BLOCK} AS place, count(*)::integer AS people
        FROM derived.folded AS person CROSS JOIN LATERAL (VALUES {_SCOPES}) AS scope (name)
        GROUP BY 1, 2, 3
    )
    INSERT INTO derived.value_histogram (scope, block, total, counts)
    SELECT scope, block, total, (
        SELECT array_agg(coalesce(one.people, 0) ORDER BY number)
        FROM generate_series(0, {BLOCK - 1}) AS number
        LEFT JOIN unnest(places, people) AS one (place, people) ON one.place = number
    )
    FROM (
        SELECT scope, block, sum(people) AS total, array_agg(place) AS places, array_agg(people) AS people
        FROM counted GROUP BY scope, block
    ) AS of_block
"""
_BY_BLOCK: Final = f"""
    INSERT INTO derived.value_histogram (scope, block, total, counts)
    SELECT '{BY_BLOCK}' || scope, 0, sum(total),
        derived.added_at(array_fill(0, ARRAY[{BLOCKS}]), array_agg(block + 1), array_agg(total))
    FROM derived.value_histogram WHERE scope NOT LIKE '{NOT_BY_BLOCK}' GROUP BY scope
"""
_TALLIES: Final = """
    INSERT INTO derived.region_tally
        (region, active, with_value, value_sum, with_x, x_sum, with_y, y_sum, boxed, in_pool)
    SELECT region, count(*), count(value), sum(value), count(x), sum(x), count(y), sum(y), count(box),
        count(*) FILTER (WHERE in_pool)
    FROM derived.folded GROUP BY region
"""
_SAMPLE: Final = "SELECT employee_id FROM derived.folded WHERE (unit_id = $1) = $2 ORDER BY employee_id LIMIT $3"


EVERYWHERE: Final = tuple(f"{province}.*" for province in (33, *range(11, 33)))
"""The population of a caller who may see everybody that `fill` makes."""


def region_codes(count: int) -> list[str]:
    """As many codes as wanted: the province and its 35 first, then those of other provinces."""
    central_java = ["33", *(f"33.{n:02}" for n in range(1, 30)), *(f"33.{n}" for n in range(71, 77))]
    others = [f"{province}.{n:02}" for province in range(11, 33) for n in range(1, 41)]
    return [*central_java, *others][:count]


async def fill(database_url: str, *, people: int, regions: int) -> None:
    """Everybody is active and has a value. The database is migrated and empty."""
    codes = region_codes(regions)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_FOR_MILLIONS)
        indexes = await connection.fetch(_INDEXES)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        await connection.execute(_PEOPLE, people, codes, len(codes), [level.value for level in PostLevel])
        for index in indexes:
            await connection.execute(index["definition"])
        await connection.execute(_HISTOGRAMS)
        await connection.execute(_BY_BLOCK)
        # Until the log is on the disk, VACUUM takes no page for visible to all: a short fill outruns it.
        await connection.execute("RESET synchronous_commit")
        await connection.execute(_TALLIES)
        # An index-only scan needs the visibility map, which a running system's autovacuum keeps.
        await connection.execute("VACUUM (ANALYZE) derived.folded, derived.value_histogram, derived.region_tally")
    finally:
        await connection.close()
    await _write_board(database_url, codes)


async def somebody(database_url: str, count: int, *, in_large_unit: bool) -> list[UUID]:
    """Ids of some people; ids are random, so that they lie all over the table."""
    connection = await asyncpg.connect(database_url)
    try:
        rows: Sequence[Any] = await connection.fetch(_SAMPLE, LARGE_UNIT, in_large_unit, count)
    finally:
        await connection.close()
    return [UUID(str(row["employee_id"])) for row in rows]


async def _write_board(database_url: str, codes: Sequence[str]) -> None:
    database = Database(create_engine(database_url, service="bench", role=Role.WORKER, pool_size=1))
    cause = Cause(datetime.now(UTC), ("bench",))
    try:
        async with database.transaction() as session:
            await take_turn(session)
            tallies = await tallies_of(session, codes)
            revision = await next_revision(session)
            await update_board(session, policy_in_force(), revision, tallies, dict.fromkeys(tallies, cause))
    finally:
        await database.close()

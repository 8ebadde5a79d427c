"""The statements of the folder. It alone writes the folded tables, and takes turns with itself.

A fold is one statement: what moved is added up where it lies, so that a person costs the same few microseconds of
the database whether he comes alone or with thousands, and no row of his travels.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.folding.rules import Place, Tally
from services.reporting.ranks.queries import names_from
from services.reporting.ranks.rules import BLOCK, BLOCKS, BY_BLOCK, NOT_BY_BLOCK, SCOPES, columns_of
from shared.db.moved import MOST_TOLD
from shared.db.session import driver_of
from shared.events.envelope import MOST_CAUSES, Cause

# The plans of all who write with the turn taken are made once a session and go by index, whatever the statistics
# say of tables that are empty most of the time, or were when the plan was made. Set for the transaction by one
# statement that is prepared once: six of their own cost a fold of one person a fifth of its time.
_PLANS: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "work_mem": "64MB",
}
# The release before does not add up blocks: a trigger does it for whoever does not say this (migration 0005).
_ADDS_UP: Final = {"talenta.adds_up_blocks": "on"}
_SET: Final = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in (_PLANS | _ADDS_UP).items())
TURN: Final = f"SELECT pg_advisory_xact_lock(hashtext('talenta.reporting.fold')), {_SET}"
"""What `take_turn` sends, for who begins the transaction with it."""

# By presence, never by "id above the last": a smaller id may become visible later.
_TAKEN: Final = """
    DELETE FROM derived.dirty WHERE id = ANY (ARRAY(SELECT id FROM derived.dirty ORDER BY id LIMIT $1))
    RETURNING employee_id
"""

_COPIED: Final = (
    *("version", "contract", *Place._fields),
    *("employee_version", "assessment_version", "origin_time", "causes", "traceparent"),
)


def _places(row: str) -> str:
    return ", ".join(f"{row}.{name} AS {row}_{name}" for name in Place._fields)


# `old` and `new` are the row before and after this very write. Read before or beside it, old would be a guess.
# MERGE is no guard against a second writer; there is none.
_COPY: Final = f"""
    MERGE INTO derived.folded AS known
    USING (
        SELECT * FROM derived.standing WHERE employee_id = ANY (ARRAY(SELECT employee_id FROM taken))
    ) AS told ON known.employee_id = told.employee_id
    WHEN MATCHED AND (known.version, known.contract) < (told.version, told.contract) THEN UPDATE SET
        folded_at = clock_timestamp(), {", ".join(f"{name} = told.{name}" for name in _COPIED)}
    WHEN NOT MATCHED THEN INSERT (employee_id, folded_at, {", ".join(_COPIED)})
        VALUES (told.employee_id, clock_timestamp(), {", ".join(f"told.{name}" for name in _COPIED)})
    RETURNING {_places("old")}, {_places("new")}, new.origin_time, new.causes, new.traceparent
"""

_OLD: Final = ", ".join(f"old_{name}" for name in Place._fields)
_NEW: Final = ", ".join(f"new_{name}" for name in Place._fields)
# A state whose input versions alone grew is copied, and moves nothing.
_MOVED: Final = f"""
    SELECT *, (old_active, old_region, old_level, old_value)
        IS DISTINCT FROM (new_active, new_region, new_level, new_value) AS revalued
    FROM copied WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
"""
# The old place is subtracted, the new one added. Who is not active has none.
_PLACES: Final = f"""
    SELECT * FROM (
        SELECT -1, revalued, {_OLD} FROM moved WHERE old_active
        UNION ALL SELECT 1, revalued, {_NEW} FROM moved WHERE new_active
    ) AS place (one, revalued, {", ".join(Place._fields)})
"""

# What one place adds to each sum of its region's tally.
_SHARES: Final = {
    "active": "one",
    "with_value": "one * (value IS NOT NULL)::integer",
    "value_sum": "one * coalesce(value, 0)",
    "with_x": "one * (x IS NOT NULL)::integer",
    "x_sum": "one * coalesce(x, 0)",
    "with_y": "one * (y IS NOT NULL)::integer",
    "y_sum": "one * coalesce(y, 0)",
    "boxed": "one * (box IS NOT NULL)::integer",
    "in_pool": "one * in_pool::integer",
}
_SUMS: Final = ", ".join(Tally._fields)
_TALLIED: Final = f"""
    INSERT INTO derived.region_tally AS known (region, {_SUMS})
    SELECT * FROM (
        SELECT region, {", ".join(f"sum({_SHARES[name]}) AS {name}" for name in Tally._fields)}
        FROM places GROUP BY region
    ) AS more WHERE ({_SUMS}) <> ({", ".join("0" for _ in Tally._fields)})
    ON CONFLICT (region) DO UPDATE SET
        {", ".join(f"{name} = known.{name} + EXCLUDED.{name}" for name in Tally._fields)}
    RETURNING region, {_SUMS}
"""

# A value counts in every scope that its region and level name; of a scope that takes all levels, say, the level is
# NULL in its group, and so is the name of any scope with a level.
_GROUPS: Final = ", ".join(f"({', '.join(columns)})" for columns in map(columns_of, SCOPES))
_SCOPE: Final = ", ".join(
    names_from(region="region", province="province", level="level")[scope]
    for scope in sorted(SCOPES, key=lambda scope: -len(columns_of(scope)))
)
_BLOCKS: Final = f"""
    SELECT coalesce({_SCOPE}) AS scope, block, sum(one)::integer AS total,
        array_agg(value % {BLOCK} + 1) AS places, array_agg(one) AS deltas
    FROM (
        SELECT one, region, left(region, 2) AS province, level, value, (value / {BLOCK})::smallint AS block
        FROM places WHERE revalued AND value IS NOT NULL
    ) AS told
    GROUP BY block, GROUPING SETS ({_GROUPS})
"""
_BY_BLOCK: Final = f"""
    SELECT '{BY_BLOCK}' || scope, 0, sum(total)::integer, array_agg(block + 1), array_agg(total), {BLOCKS}
    FROM blocks WHERE total <> 0 AND scope NOT LIKE '{NOT_BY_BLOCK}' GROUP BY scope
"""
# Where one count of a block changes, as it mostly does, it is changed in place.
_COUNTED: Final = f"""
    MERGE INTO derived.value_histogram AS known
    USING (
        SELECT *, {BLOCK} AS length FROM blocks UNION ALL {_BY_BLOCK}
    ) AS more ON known.scope = more.scope AND known.block = more.block
    WHEN MATCHED AND cardinality(more.places) = 1 THEN UPDATE SET
        total = known.total + more.total,
        counts[more.places[1]] = known.counts[more.places[1]] + more.deltas[1]
    WHEN MATCHED THEN UPDATE SET
        total = known.total + more.total, counts = derived.added_at(known.counts, more.places, more.deltas)
    WHEN NOT MATCHED THEN INSERT (scope, block, total, counts) VALUES (
        more.scope, more.block, more.total,
        derived.added_at(array_fill(0, ARRAY[more.length]), more.places, more.deltas)
    )
"""

# What moved a region: the oldest origin, the latest trace, and each cause once, the latest of them.
_TOLD: Final = """
    SELECT new_region AS region, origin_time, causes, traceparent FROM moved
    UNION ALL SELECT old_region, origin_time, causes, traceparent FROM moved WHERE old_region <> new_region
"""
_CAUSED: Final = f"""
    SELECT told.region, told.origin_time, told.traceparent,
        coalesce(named.causes[greatest(1, cardinality(named.causes) - {MOST_CAUSES - 1}) :], '{{}}') AS causes
    FROM (
        SELECT region, min(origin_time) AS origin_time,
            (array_agg(traceparent ORDER BY origin_time DESC))[1] AS traceparent
        FROM told GROUP BY region
    ) AS told
    LEFT JOIN (
        SELECT region, array_agg(cause ORDER BY since) AS causes
        FROM (
            SELECT region, cause, min(origin_time) AS since
            FROM told CROSS JOIN LATERAL unnest(causes) AS cause GROUP BY region, cause
        ) AS cause GROUP BY region
    ) AS named ON named.region = told.region
"""

_NEXT_REVISION: Final = """
    UPDATE derived.revision SET number = number + 1, as_of = clock_timestamp()
"""
# A board is of one policy: to look at all of it in every fold costs more than a person does.
_OTHER_POLICY: Final = """
    (SELECT policy_id <> $2 FROM derived.board_row WHERE region > '' ORDER BY region LIMIT 1)
"""
# Whom readers are told of is in every row: of more there would be nothing to tell.
_DONE: Final = f"""
    SELECT count(*) AS people, CASE WHEN count(*) <= {MOST_TOLD} THEN array_agg(employee_id) END AS who FROM taken
"""
# One row a region that moved, one that another policy put on the board; and one where nothing did.
_FOLD: Final = f"""
    WITH taken AS ({_TAKEN}), copied AS ({_COPY}), moved AS MATERIALIZED ({_MOVED}),
        places AS MATERIALIZED ({_PLACES}), tallied AS ({_TALLIED}),
        blocks AS MATERIALIZED ({_BLOCKS}), counted AS ({_COUNTED}),
        revised AS ({_NEXT_REVISION} WHERE EXISTS (SELECT FROM moved) RETURNING number, as_of),
        told AS MATERIALIZED ({_TOLD}), caused AS ({_CAUSED}),
        outdated AS (
            SELECT region, {_SUMS} FROM derived.region_tally
            WHERE {_OTHER_POLICY} AND region NOT IN (SELECT region FROM tallied)
        )
    SELECT done.*, revised.number, revised.as_of, changed.*
    FROM ({_DONE}) AS done LEFT JOIN revised ON true LEFT JOIN (
        SELECT region, origin_time, causes, traceparent, {_SUMS} FROM caused LEFT JOIN tallied USING (region)
        UNION ALL SELECT region, NULL, NULL, NULL, {_SUMS} FROM outdated
    ) AS changed ON revised.number IS NOT NULL
"""


class RevisionNumber(NamedTuple):
    """The state of the folded tables that an answer belongs to."""

    number: int
    as_of: datetime


class Fold(NamedTuple):
    """What a fold took and did. Without a revision nothing moved; `tallies` are those that the board needs.

    `who` is nobody where there are more people than readers are told of.
    """

    people: int
    who: Collection[UUID]
    revision: RevisionNumber | None
    tallies: Mapping[str, Tally]
    causes: Mapping[str, Cause]


async def take_turn(session: AsyncSession) -> None:
    """Wait until no other writer of the folded tables is at work; held until the transaction ends.

    Must be sent by itself: the next statement then sees all that the writer before has committed.
    """
    driver = await driver_of(session)
    await driver.fetchrow(TURN)


async def fold_oldest(session: AsyncSession, most: int, policy_id: str) -> Fold:
    """Take the `most` oldest marks, and bring copy, sums and histograms of these people up to their standings."""
    driver = await driver_of(session)
    rows = await driver.fetch(_FOLD, most, policy_id)
    revision = rows[0]["number"]
    return Fold(
        rows[0]["people"],
        rows[0]["who"] or (),
        None if revision is None else RevisionNumber(revision, rows[0]["as_of"]),
        {row["region"]: _tally_in(row) for row in rows if row["active"] is not None},
        {row["region"]: _cause_in(row) for row in rows if row["origin_time"]},
    )


async def next_revision(session: AsyncSession) -> RevisionNumber:
    """The content has changed: count it."""
    driver = await driver_of(session)
    return RevisionNumber(*await driver.fetchrow(f"{_NEXT_REVISION} RETURNING number, as_of"))


def _tally_in(row: Any) -> Tally:
    return Tally(*(row[name] for name in Tally._fields))


def _cause_in(row: Any) -> Cause:
    return Cause(row["origin_time"], tuple(row["causes"]), row["traceparent"])

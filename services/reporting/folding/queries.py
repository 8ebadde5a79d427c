"""The statements of a fold, in their order. All run in the transaction that took the turn."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.folding.rules import Move, Place, Tally
from services.reporting.ranks.queries import scope_names
from services.reporting.ranks.rules import BLOCK
from shared.db.session import driver_of
from shared.events.envelope import Cause

_TAKE_TURN: Final = text("SELECT pg_advisory_xact_lock(hashtext('talenta.reporting.fold'))")

# By presence, never by "id above the last": a smaller id may become visible later. `ARRAY(…)` keeps the plan at
# the index, whatever the statistics say of a table that is empty most of the time.
_TAKE_DIRTY: Final = """
    DELETE FROM derived.dirty WHERE id = ANY (ARRAY(SELECT id FROM derived.dirty ORDER BY id LIMIT $1))
    RETURNING employee_id
"""

_COPIED: Final = (
    "version, contract, region, unit_id, level, active, value, x, y, box, in_pool, "
    "employee_version, assessment_version, origin_time, causes, traceparent"
)
_CHANGES: Final = ", ".join(f"{name} = EXCLUDED.{name}" for name in _COPIED.split(", "))

# `old` and `new` are the row before and after this very write. Read before or beside it, old would be a guess.
_COPY: Final = f"""
    INSERT INTO derived.folded AS known (employee_id, folded_at, {_COPIED})
    SELECT employee_id, clock_timestamp(), {_COPIED}
    FROM derived.standing WHERE employee_id = ANY ($1::uuid[])
    ON CONFLICT (employee_id) DO UPDATE SET folded_at = EXCLUDED.folded_at, {_CHANGES}
    WHERE (known.version, known.contract) < (EXCLUDED.version, EXCLUDED.contract)
    RETURNING old.employee_id IS NOT NULL AS known_before,
        {", ".join(f"old.{name}" for name in Place._fields)},
        {", ".join(f"new.{name}" for name in Place._fields)},
        new.origin_time, new.causes, new.traceparent
"""

_SUMS: Final = ", ".join(Tally._fields)
_SUM_ARRAYS: Final = ", ".join(f"${number}::bigint[]" for number, _ in enumerate(Tally._fields, start=2))
_ADD_TALLIES: Final = f"""
    INSERT INTO derived.region_tally AS known (region, {_SUMS})
    SELECT * FROM unnest($1::text[], {_SUM_ARRAYS})
    ON CONFLICT (region) DO UPDATE SET
        {", ".join(f"{name} = known.{name} + EXCLUDED.{name}" for name in Tally._fields)}
    RETURNING region, {_SUMS}
"""

_SCOPES: Final = ", ".join(f"({name})" for name in scope_names("told").values())
# Each value counts in all of these. MERGE is no guard against a second writer; there is none.
_ADD_VALUES: Final = f"""
    MERGE INTO derived.value_histogram AS known
    USING (
        SELECT scope.name AS scope, (value / {BLOCK})::smallint AS block, sum(delta)::integer AS total,
               array_agg(value % {BLOCK} + 1) AS places, array_agg(delta) AS deltas
        FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[]) AS told (region, level, value, delta)
        CROSS JOIN LATERAL (VALUES {_SCOPES}) AS scope (name)
        GROUP BY scope.name, value / {BLOCK}
    ) AS more ON known.scope = more.scope AND known.block = more.block
    WHEN MATCHED THEN UPDATE SET
        total = known.total + more.total, counts = derived.added_at(known.counts, more.places, more.deltas)
    WHEN NOT MATCHED THEN INSERT (scope, block, total, counts) VALUES (
        more.scope, more.block, more.total,
        derived.added_at(array_fill(0, ARRAY[{BLOCK}]), more.places, more.deltas)
    )
"""

_NEXT_REVISION: Final = """
    UPDATE derived.revision SET number = number + 1, as_of = clock_timestamp() RETURNING number, as_of
"""
_OLD: Final = slice(1, 1 + len(Place._fields))
_NEW: Final = slice(_OLD.stop, _OLD.stop + len(Place._fields))


class Copied(NamedTuple):
    """What a copied standing changed, and what led to it."""

    move: Move
    cause: Cause


class RevisionNumber(NamedTuple):
    """The state of the folded tables that an answer belongs to."""

    number: int
    as_of: datetime


async def take_turn(session: AsyncSession) -> None:
    """Wait until no other writer of the folded tables is at work; held until the transaction ends.

    Must be a statement by itself: the next one then sees all that the writer before has committed.
    """
    await (await session.connection()).execute(_TAKE_TURN)


async def take_dirty(session: AsyncSession, most: int) -> list[UUID]:
    """Delete the `most` oldest visible marks; the people that they name, some perhaps twice."""
    driver = await driver_of(session)
    return [row[0] for row in await driver.fetch(_TAKE_DIRTY, most)]


async def copy_standings(session: AsyncSession, employee_ids: Sequence[UUID]) -> list[Copied]:
    """Bring the folded copy of these people up to their standings; nothing for those who are there already."""
    driver = await driver_of(session)
    rows = await driver.fetch(_COPY, list(employee_ids))
    return [
        Copied(
            Move(Place(*row[_OLD]) if row["known_before"] else None, Place(*row[_NEW])),
            Cause(row["origin_time"], tuple(row["causes"]), row["traceparent"]),
        )
        for row in rows
    ]


async def add_tallies(session: AsyncSession, tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """Add to the tallies of these regions; what they then are."""
    driver = await driver_of(session)
    rows = await driver.fetch(_ADD_TALLIES, list(tallies), *map(list, zip(*tallies.values(), strict=True)))
    return {row[0]: Tally(*row[1:]) for row in rows}


async def add_values(session: AsyncSession, values: Mapping[tuple[str, str, int], int]) -> None:
    """Add to the histograms how many of a region and level have a value, in hundredths."""
    driver = await driver_of(session)
    await driver.execute(_ADD_VALUES, *map(list, zip(*values, strict=True)), list(values.values()))


async def next_revision(session: AsyncSession) -> RevisionNumber:
    """The content has changed: count it."""
    driver = await driver_of(session)
    return RevisionNumber(*await driver.fetchrow(_NEXT_REVISION))

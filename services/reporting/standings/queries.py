"""The one write of this slice, and how far the folder is behind it."""

from collections.abc import Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.standings.rules import HUNDREDTHS, TEN_THOUSANDTHS, Told, short, whole
from shared.db.session import driver_of
from shared.events.envelope import MOST_CAUSES, Cause
from shared.events.placement import TalentState

_COLUMNS: Final = {
    "employee_id": "uuid",
    "version": "bigint",
    "contract": "integer",
    "region": "text",
    "unit_id": "text",
    "level": "text",
    "active": "boolean",
    "value": "integer",
    "x": "integer",
    "y": "integer",
    "box": "smallint",
    "in_pool": "boolean",
    "employee_version": "bigint",
    "assessment_version": "bigint",
    "origin_time": "timestamptz",
    "traceparent": "text",
    "causes": "text",
}
_NAMES: Final = ", ".join(_COLUMNS)
_ARRAYS: Final = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_COLUMNS.values(), start=1))
_PLAIN: Final = _COLUMNS.keys() - {"employee_id", "origin_time", "causes"}
_CHANGES: Final = ", ".join(f"{name} = EXCLUDED.{name}" for name in sorted(_PLAIN))

# A standing that still waits to be folded hands its cause on to the one that replaces it: what is folded at last
# names all that led to it, the latest causes where there are too many.
_CAUSE: Final = f"""
    SELECT
        CASE WHEN folded THEN EXCLUDED.origin_time ELSE least(known.origin_time, EXCLUDED.origin_time) END,
        CASE WHEN folded THEN EXCLUDED.causes ELSE known.causes[
            cardinality(known.causes) + cardinality(EXCLUDED.causes) - {MOST_CAUSES} + 1 :
        ] || EXCLUDED.causes END
    FROM (
        SELECT EXISTS (
            SELECT FROM derived.folded AS copy
            WHERE copy.employee_id = known.employee_id
                AND (copy.version, copy.contract) = (known.version, known.contract)
        ) AS folded
    ) AS copied
"""

# The mark is written by the statement that writes the standing, for exactly the rows that it wrote.
# `ORDER BY` makes two consumers lock in the same order. A cause never contains a comma (`ce_causationid`).
_PUT: Final = f"""
    WITH written AS (
        INSERT INTO derived.standing AS known ({_NAMES})
        SELECT {_NAMES.removesuffix("causes")} string_to_array(causes, ',')
        FROM unnest({_ARRAYS}) AS told ({_NAMES})
        ORDER BY employee_id
        ON CONFLICT (employee_id) DO UPDATE SET {_CHANGES}, (origin_time, causes) = ({_CAUSE})
        WHERE (known.version, known.contract) < (EXCLUDED.version, EXCLUDED.contract)
        RETURNING employee_id
    ),
    marked AS (INSERT INTO derived.dirty (employee_id) SELECT employee_id FROM written RETURNING id)
    SELECT coalesce(max(id) - least(min(id), (SELECT min(id) FROM derived.dirty)) + 1, 0) FROM marked
"""

# Ids are handed out in sequence and taken from the front: their span bounds the number of rows, for an index
# probe at either end instead of a count.
_DIRTY_SPAN: Final = "SELECT coalesce(max(id) - min(id) + 1, 0) FROM derived.dirty"


async def put_standings(session: AsyncSession, told: Sequence[Told]) -> int:
    """Write the states that are newer than those known, and mark those people; one state a person.

    Returns `dirty_span` with these marks, or 0 where nothing was newer.
    """
    driver = await driver_of(session)
    columns = zip(*(_row(*each) for each in told), strict=True)
    span: int = await driver.fetchval(_PUT, *map(list, columns))
    return span


def _row(state: TalentState, cause: Cause, contract: int) -> tuple[object, ...]:
    return (
        state.employee_id,
        state.version,
        contract,
        short(state.region),
        short(state.unit_id),
        state.level,
        state.active,
        whole(state.talent_value, HUNDREDTHS),
        whole(state.x, TEN_THOUSANDTHS),
        whole(state.y, TEN_THOUSANDTHS),
        state.box,
        state.in_pool,
        state.inputs.employee,
        state.inputs.assessment,
        cause.origin_time,
        cause.traceparent,
        ",".join(cause.causes),
    )


async def dirty_span(session: AsyncSession) -> int:
    """At least as many as there are dirty rows visible."""
    driver = await driver_of(session)
    span: int = await driver.fetchval(_DIRTY_SPAN)
    return span

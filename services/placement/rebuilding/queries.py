"""SQL of the repair: the shadow's inputs take the place of those that differ; what follows is evaluated anew."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents.queries import CONTENT, TODAY
from shared.db.session import driver_of

VERSIONS: Final = ("employee_version", "employee_contract", "assessment_version", "assessment_contract")
INPUTS: Final = ("employee", "assessment")
RESULTS: Final = (*CONTENT, "next_change_on")

EVALUATED: Final = f"(SELECT employee_id, {', '.join(RESULTS)} FROM {{schema}}.talent WHERE version > 0)"
REACHED: Final = """(
    SELECT employee_id, talent.version >= told.version AS reached
    FROM derived.talent JOIN shadow.published AS told ON told.key = employee_id
)"""
"""Whether the live row is as far as what others were told."""
ALL_REACHED: Final = """(
    SELECT employee_id, true AS reached FROM derived.talent JOIN shadow.published ON key = employee_id
)"""

# Inputs that the topics do not tell may be such that no rule reads them. Whoever repairs them evaluates the row.
_MAY_WAIT: Final = f"""
    SELECT employee_id, mine.region, mine.policy_id, mine.next_change_on <= {TODAY} AS due, {TODAY} AS today
    FROM derived.talent AS mine JOIN shadow.talent AS told USING (employee_id)
    WHERE employee_id = ANY ($1::uuid[]) AND mine.region IS NOT NULL
        AND (mine.employee, mine.assessment) IS NOT DISTINCT FROM (told.employee, told.assessment)
    ORDER BY employee_id
"""

_LOCK: Final = """
    SELECT FROM derived.talent WHERE employee_id = ANY ($1::uuid[]) ORDER BY employee_id FOR UPDATE
"""
# What others were told of stays: nobody could tell them that it is gone.
_DELETE: Final = """
    DELETE FROM derived.talent AS live WHERE employee_id = ANY ($1::uuid[])
        AND NOT EXISTS (SELECT FROM shadow.talent AS kept WHERE kept.employee_id = live.employee_id)
        AND NOT EXISTS (SELECT FROM shadow.published WHERE key = live.employee_id)
"""
_TAKEN: Final = (*INPUTS, *VERSIONS)
# Without a day of its own a row is evaluated by today's.
_TAKE: Final = f"""
    INSERT INTO derived.talent (employee_id, {", ".join(_TAKEN)})
    SELECT employee_id, {", ".join(_TAKEN)} FROM shadow.talent
    WHERE employee_id = ANY ($1::uuid[]) ORDER BY employee_id
    ON CONFLICT (employee_id) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in _TAKEN)}, evaluated_on = NULL
    RETURNING employee_id
"""
_RAISE: Final = """
    UPDATE derived.talent AS live SET version = told.version FROM shadow.published AS told
    WHERE live.employee_id = ANY ($1::uuid[]) AND told.key = live.employee_id AND live.version < told.version
    RETURNING live.employee_id
"""

_KEPT: Final = "version, evaluated_on, origin_time, causes, computed_at"
CARRY_OVER: Final = (
    f"""
    UPDATE shadow.talent AS mine SET ({_KEPT}) = ROW ({", ".join(f"live.{name}" for name in _KEPT.split(", "))})
    FROM derived.talent AS live
    WHERE live.employee_id = mine.employee_id AND (live.version, live.evaluated_on, live.computed_at)
        IS DISTINCT FROM (mine.version, mine.evaluated_on, mine.computed_at)
    """,
)
"""Under its version a state is what others were told, with its day and its causes."""


async def list_that_may_wait(
    session: AsyncSession,
    employee_ids: Sequence[UUID],
) -> list[tuple[UUID, str, str, bool, date]]:
    """Id, region, policy, whether its day has come, and today, of evaluated employees with the topics' inputs."""
    rows = await (await driver_of(session)).fetch(_MAY_WAIT, employee_ids)
    return [tuple(row) for row in rows]


async def take_inputs(session: AsyncSession, employee_ids: Sequence[UUID]) -> list[UUID]:
    """Lock these rows and make their inputs what the shadow's are, their versions no less than what was told.

    Answers for whom there was anything to take or to raise.
    """
    driver = await driver_of(session)
    for statement in (_LOCK, _DELETE):
        await driver.execute(statement, employee_ids)
    return list({row[0] for statement in (_TAKE, _RAISE) for row in await driver.fetch(statement, employee_ids)})

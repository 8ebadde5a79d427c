"""Talents to be evaluated again; what is held of both inputs, and talents as others hold them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents.queries import CONTENT, TODAY
from services.placement.verification.rules import EMPLOYED, QUALIFIED
from shared.db.session import driver_of
from shared.verification.held import Held
from shared.verification.views import EMPLOYEES_IN_PLACEMENT, RESULTS_IN_PLACEMENT, TALENTS_IN_REPORTING

_TABLE: Final = "derived.talent"
DERIVED: Final = (*(name for name in CONTENT if name != "policy_id"), "next_change_on")
"""Columns that follow from inputs, policy and day."""


def _member(field: str) -> str:
    path = field.replace(".", ",")
    return f"employee #>> '{{{path}}}'" if "." in field else f"employee ->> '{field}'"


EMPLOYEES: Final = Held(
    EMPLOYEES_IN_PLACEMENT,
    _TABLE,
    "employee_version",
    {field: _member(field) for field in EMPLOYEES_IN_PLACEMENT.fields},
    of_texts=True,
)
"""The copy of `profile.employees`."""
RESULTS: Final = Held(
    RESULTS_IN_PLACEMENT,
    _TABLE,
    "assessment_version",
    {field: f"assessment -> '{field}'" for field in RESULTS_IN_PLACEMENT.fields},
)
"""The copy of `assessment.results`."""
VIEWS: Final = (
    Held(
        TALENTS_IN_REPORTING,
        _TABLE,
        "version",
        {
            **{field: field for field in TALENTS_IN_REPORTING.fields if "." not in field},
            "inputs.employee": "employee_version",
            "inputs.assessment": "assessment_version",
        },
    ),
)
"""For each follower of `placement.talents`."""


def _measure(name: str, number: str) -> str:
    # As text: what is no number or date would fail the whole slice here.
    return ", ".join(f"assessment #>> '{{{name},{member}}}'" for member in (number, "assessed_on", "valid_until"))


def _members(names: Sequence[str]) -> str:
    told = ", ".join(f"'\"{name}\":' || (employee -> '{name}')::text" for name in names)
    return f"'{{' || concat_ws(',', {told}) || '}}'"


# Members and no documents, so that nothing has to be taken apart that hardly differs from one to the next; side by
# side what is taken from a row at once.
_TALENTS: Final = f"""
    SELECT {_measure("competency", "jpm")}, {_measure("potential", "score")},
        {_members(QUALIFIED)} AS qualified, {_members(EMPLOYED)} AS employed,
        coalesce((assessment -> 'performance')::text, '[]') AS performance,
        employee ->> 'region' AS employee_region, employee ->> 'unit_id' AS employee_unit_id,
        employee #>> '{{post,level}}' AS employee_level,
        employee_id, version, evaluated_on, policy_id, {", ".join(DERIVED)}
    FROM {_TABLE} WHERE employee_id > $1 ORDER BY employee_id LIMIT $2
"""


async def today(session: AsyncSession) -> date:
    """The database's day."""
    day: date = await (await driver_of(session)).fetchval(f"SELECT {TODAY}")
    return day


async def list_rows(session: AsyncSession, after: UUID, limit: int) -> Sequence[Any]:
    """Inputs and results of the talents that follow, by id.

    First number and days of the competency as text, then those of the potential, None where it was not measured.
    What the rules read of employee and periods in JSON; where he serves, None where he has not arrived. Last
    `DERIVED`.
    """
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_TALENTS, after, limit)
    return rows

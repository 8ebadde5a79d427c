"""Talents to be evaluated again; what is held of both inputs, and talents as others hold them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents.queries import CONTENT, TODAY
from shared.db.session import driver_of
from shared.verification.held import Held
from shared.verification.views import EMPLOYEES_IN_PLACEMENT, RESULTS_IN_PLACEMENT, TALENTS_IN_REPORTING

_TABLE: Final = "derived.talent"


def _member(field: str) -> str:
    path = field.replace(".", ",")
    return f"employee #>> '{{{path}}}'" if "." in field else f"employee ->> '{field}'"


EMPLOYEES: Final = Held(
    EMPLOYEES_IN_PLACEMENT,
    _TABLE,
    "employee_version",
    {field: _member(field) for field in EMPLOYEES_IN_PLACEMENT.fields},
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

_TALENTS: Final = f"""
    SELECT employee_id, employee::text, assessment::text, version, evaluated_on, next_change_on,
        {", ".join(CONTENT)}
    FROM {_TABLE} WHERE employee_id > $1 ORDER BY employee_id LIMIT $2
"""


async def today(session: AsyncSession) -> date:
    """The database's day."""
    day: date = await (await driver_of(session)).fetchval(f"SELECT {TODAY}")
    return day


async def list_rows(session: AsyncSession, after: UUID, limit: int) -> Sequence[Any]:
    """Inputs (JSON) and results of the talents that follow, by id."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_TALENTS, after, limit)
    return rows

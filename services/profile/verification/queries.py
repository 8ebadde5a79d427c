"""Employees as others hold them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.verification.held import Held
from shared.verification.views import EMPLOYEES_IN_ASSESSMENT, EMPLOYEES_IN_PLACEMENT

_TABLE: Final = "source.employee"

VIEWS: Final = (
    Held(
        EMPLOYEES_IN_ASSESSMENT,
        _TABLE,
        "version",
        {"nip": "nip", "region": "region", "unit_id": "unit_id"},
    ),
    Held(
        EMPLOYEES_IN_PLACEMENT,
        _TABLE,
        "version",
        {
            "kind": "kind",
            "region": "region",
            "unit_id": "unit_id",
            "post.title": "post_title",
            "post.level": "post_level",
            "post.eselon": "post_eselon",
            "post.since": "post_since",
            "kedudukan_hukum": "kedudukan_hukum",
            "retires_on": "retires_on",
            "education": "education",
            "field_match": "field_match",
            "development": "development",
            "experience.years": "experience_years",
            "experience.variety": "experience_variety",
            "experience.substance": "experience_substance",
            "discipline": "discipline",
        },
    ),
)
"""For each follower of `profile.employees`."""

# Every column that a source fills, as the state that came in. Years as text, for their two decimals count.
_STATES: Final = """
    SELECT employee_id, fingerprint, json_build_object(
        'version', version, 'employee_id', employee_id, 'nip', nip, 'name', name, 'kind', kind,
        'region', region, 'unit_id', unit_id,
        'post', json_build_object(
            'title', post_title, 'level', post_level, 'eselon', post_eselon, 'since', post_since
        ),
        'golongan', golongan, 'kedudukan_hukum', kedudukan_hukum, 'retires_on', retires_on,
        'education', education, 'field_match', field_match, 'development', development,
        'experience', json_build_object(
            'years', experience_years::text, 'variety', experience_variety, 'substance', experience_substance
        ),
        'discipline', discipline
    )::text AS state
    FROM source.employee WHERE employee_id > $1 ORDER BY employee_id LIMIT $2
"""


async def list_states(session: AsyncSession, after: UUID, limit: int) -> Sequence[Any]:
    """Id, fingerprint and state (JSON) of the employees that follow, by id."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_STATES, after, limit)
    return rows

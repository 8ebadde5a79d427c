"""Employees as others hold them, and those whose fingerprint has to be looked at."""

from collections.abc import Mapping, Sequence
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

_TOLD: Final = {
    "name": "name",
    "kind": "kind",
    "region": "region",
    "unit_id": "unit_id",
    "post": {"title": "post_title", "level": "post_level", "eselon": "post_eselon", "since": "post_since"},
    "golongan": "golongan",
    "kedudukan_hukum": "kedudukan_hukum",
    "retires_on": "retires_on",
    "education": "education",
    "field_match": "field_match",
    "development": "development",
    # As text, for two decimals count.
    "experience": {
        "years": "experience_years::text",
        "variety": "experience_variety",
        "substance": "experience_substance",
    },
    "discipline": "nullif(discipline, '[]')",
}
"""Every column that a source fills, by its place in the contract, as `employees.rules.fingerprint_of` reads it."""


def _json(members: Mapping[str, Any]) -> str:
    """The document, letter for letter, that the contract writes: in its order, without what has no value."""
    told = ", ".join(f"'\"{name}\":' || {_value(member)}" for name, member in members.items())
    return f"'{{' || concat_ws(',', {told}) || '}}'"


def _value(member: str | Mapping[str, Any]) -> str:
    return f"to_json({member})::text" if isinstance(member, str) else f"nullif({_json(member)}, '{{}}')"


# For nearly everybody the digest of this very text is the fingerprint, and nothing is left to prove. The others,
# those who were punished or whom the contract writes differently, are left to the rule.
_DOUBTFUL: Final = f"""
    SELECT employee_id, fingerprint,
        {_json({"version": "version", "employee_id": "employee_id", "nip": "nip", **_TOLD})} AS state
    FROM {_TABLE}
    WHERE employee_id > $1 AND employee_id <= $2 AND fingerprint <> sha256(convert_to({_json(_TOLD)}, 'UTF8'))
    ORDER BY employee_id
"""


async def list_doubtful(session: AsyncSession, after: UUID, last: UUID) -> Sequence[Any]:
    """Id, fingerprint and state (JSON) of those behind `after`, up to `last`, whose fingerprint is in doubt."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_DOUBTFUL, after, last)
    return rows

"""SQL of the talent assessments."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.submissions.rules import Attributed
from services.assessment.talent_assessments.rules import HeldAssessment, TalentAssessment
from shared.db.session import driver_of

# Of each day the newest version per set of measured parts: all parts in force, and never more than three rows.
_NEWEST: Final = """
    SELECT DISTINCT ON (employee_id, assessed_on, jpm IS NULL, potential IS NULL)
        employee_id, assessment_id, assessed_on, valid_until, jpm, potential, document, assessment_version
    FROM source.talent_assessment
    WHERE employee_id = ANY($1::uuid[])
    ORDER BY employee_id, assessed_on, jpm IS NULL, potential IS NULL, assessment_version DESC
"""
_INSERT: Final = """
    INSERT INTO source.talent_assessment (
        assessment_id, employee_id, nip, assessed_on, valid_until,
        jpm, potential, document, assessment_version, submitted_by, accepted_at
    )
    SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[],
        $6::numeric[], $7::numeric[], $8::text[], $9::integer[], $10::text[], $11::timestamptz[]
    )
"""


async def read_newest(session: AsyncSession, employee_ids: Collection[UUID]) -> dict[UUID, list[HeldAssessment]]:
    """The assessments of these employees among which all parts in force are; who has none is absent."""
    driver = await driver_of(session)
    found: dict[UUID, list[HeldAssessment]] = {}
    for row in await driver.fetch(_NEWEST, list(employee_ids)):
        found.setdefault(row["employee_id"], []).append(_held(row))
    return found


def _held(row: Any) -> HeldAssessment:
    assessment = TalentAssessment(
        assessed_on=row["assessed_on"],
        valid_until=row["valid_until"],
        jpm=row["jpm"],
        potential=row["potential"],
        document=row["document"],
    )
    return HeldAssessment(row["assessment_id"], row["assessment_version"], assessment)


async def insert_assessments(
    session: AsyncSession,
    assessments: Sequence[tuple[Attributed[TalentAssessment], int]],
) -> None:
    """Add new versions: what was handed in, and its version within employee and day."""
    driver = await driver_of(session)
    rows = [_row(attributed, version) for attributed, version in assessments]
    await driver.execute(_INSERT, *map(list, zip(*rows, strict=True)))


def _row(attributed: Attributed[TalentAssessment], version: int) -> tuple[object, ...]:
    submission = attributed.submission
    assessment = submission.measurement
    return (
        submission.id,
        attributed.employee_id,
        submission.nip,
        assessment.assessed_on,
        assessment.valid_until,
        assessment.jpm,
        assessment.potential,
        assessment.document,
        version,
        submission.submitted_by,
        submission.accepted_at,
    )

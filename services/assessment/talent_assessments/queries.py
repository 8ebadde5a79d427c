"""SQL of the talent assessments."""

from collections.abc import Sequence
from typing import Any, Final

from services.assessment.submissions.rules import Attributed
from services.assessment.talent_assessments.rules import HeldAssessment, TalentAssessment
from shared.outbox.append import Write

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


def held_assessment(row: Any) -> HeldAssessment:
    """A held assessment from its columns, with `id` and `version`."""
    assessment = TalentAssessment(
        assessed_on=row["assessed_on"],
        valid_until=row["valid_until"],
        jpm=row["jpm"],
        potential=row["potential"],
        document=row["document"],
    )
    return HeldAssessment(row["id"], row["version"], assessment)


def adding_assessments(assessments: Sequence[tuple[Attributed[TalentAssessment], int]]) -> Write:
    """Add new versions: what was handed in, and its version within employee and day."""
    rows = [_row(attributed, version) for attributed, version in assessments]
    return Write(_INSERT, [list(column) for column in zip(*rows, strict=True)])


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

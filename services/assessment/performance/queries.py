"""SQL of the performance scores."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.performance.rules import HeldScore, Period, Score
from services.assessment.submissions.rules import Attributed
from shared.asn.predikat import Ekspektasi, Predikat
from shared.db.session import driver_of
from shared.events.assessment import PeriodKind

_IN_FORCE: Final = """
    SELECT DISTINCT ON (employee_id, period_kind, starts_on)
        employee_id, score_id, period_kind, starts_on, ends_on, hasil, perilaku, predikat, document, score_version
    FROM source.performance_score
    WHERE employee_id = ANY($1::uuid[])
    ORDER BY employee_id, period_kind, starts_on, score_version DESC
"""
_INSERT: Final = """
    INSERT INTO source.performance_score (
        score_id, employee_id, nip, period_kind, starts_on, ends_on,
        hasil, perilaku, predikat, document, score_version, submitted_by, accepted_at
    )
    SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::date[],
        $7::text[], $8::text[], $9::text[], $10::text[], $11::integer[], $12::text[], $13::timestamptz[]
    )
"""


async def read_in_force(session: AsyncSession, employee_ids: Collection[UUID]) -> dict[UUID, list[HeldScore]]:
    """The score in force of every period of these employees; who has none is absent."""
    driver = await driver_of(session)
    found: dict[UUID, list[HeldScore]] = {}
    for row in await driver.fetch(_IN_FORCE, list(employee_ids)):
        found.setdefault(row["employee_id"], []).append(_held(row))
    return found


def _held(row: Any) -> HeldScore:
    score = Score(
        period=Period(PeriodKind(row["period_kind"]), row["starts_on"], row["ends_on"]),
        predikat=Predikat(row["predikat"]),
        hasil=Ekspektasi(row["hasil"]) if row["hasil"] else None,
        perilaku=Ekspektasi(row["perilaku"]) if row["perilaku"] else None,
        document=row["document"],
    )
    return HeldScore(row["score_id"], row["score_version"], score)


async def insert_scores(session: AsyncSession, scores: Sequence[tuple[Attributed[Score], int]]) -> None:
    """Add new versions: what was handed in, and its version within employee and period."""
    driver = await driver_of(session)
    rows = [_row(attributed, version) for attributed, version in scores]
    await driver.execute(_INSERT, *map(list, zip(*rows, strict=True)))


def _row(attributed: Attributed[Score], version: int) -> tuple[object, ...]:
    submission = attributed.submission
    score = submission.measurement
    return (
        submission.id,
        attributed.employee_id,
        submission.nip,
        score.period.kind,
        score.period.starts_on,
        score.period.ends_on,
        score.hasil,
        score.perilaku,
        score.predikat,
        score.document,
        version,
        submission.submitted_by,
        submission.accepted_at,
    )

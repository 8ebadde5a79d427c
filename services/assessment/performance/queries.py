"""SQL of the performance scores."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from services.assessment.performance.rules import HeldScore, Period, Score
from services.assessment.submissions.rules import Attributed
from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.assessment import PeriodKind
from shared.outbox.append import Write

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
# Looked up, for calling an enumeration costs ten times as much.
_KINDS: Final = {each.value: each for each in PeriodKind}
_PREDIKATS: Final = {each.value: each for each in Predikat}
_RATINGS: Final[Mapping[str | None, Ekspektasi | None]] = {None: None} | {each.value: each for each in Ekspektasi}


def held_score(row: Any) -> HeldScore:
    """A score in force from its columns, with `id` and `version`."""
    score = Score(
        period=_period(row["period_kind"], row["starts_on"], row["ends_on"]),
        predikat=_PREDIKATS[row["predikat"]],
        hasil=_RATINGS[row["hasil"]],
        perilaku=_RATINGS[row["perilaku"]],
        document=row["document"],
    )
    return HeldScore(row["id"], row["version"], score)


@lru_cache(maxsize=4096)
def _period(kind: str, starts_on: date, ends_on: date) -> Period:
    # The same few in all rows of a batch.
    return Period(_KINDS[kind], starts_on, ends_on)


def adding_scores(scores: Sequence[tuple[Attributed[Score], int]]) -> Write:
    """Add new versions: what was handed in, and its version within employee and period."""
    rows = [_row(attributed, version) for attributed, version in scores]
    return Write(_INSERT, [list(column) for column in zip(*rows, strict=True)])


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

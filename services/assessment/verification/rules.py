"""The body that follows from the measurements in force of one employee, as the text of its JSON. Pure.

Nearly everybody's measurements differ from somebody else's by ids and days alone, and those are only handed on.
So the rules of `results` run once for all who were measured alike, with marks where an id or a day belongs.
"""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.assessment.performance.rules import HeldScore, Period, Score
from services.assessment.results.rules import state_of
from services.assessment.talent_assessments.rules import HeldAssessment, MeasuredPart, TalentAssessment, in_force
from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.assessment import AssessmentState, PeriodKind

FIELD: Final = "|"
ROW: Final = ";"
"""Between the fields of a measurement and between measurements, where these are one text: none is free text."""
_REMEMBERED: Final = 100_000
_NOBODY: Final = UUID(int=0)


class Scored(NamedTuple):
    """A score in force but for its id: all that the rules read."""

    score_version: str
    period_kind: str
    starts_on: str
    ends_on: str
    hasil: str
    perilaku: str
    predikat: str


class Assessed(NamedTuple):
    """An assessment; a part that it did not measure is empty."""

    assessment_id: str
    assessment_version: str
    assessed_on: str
    valid_until: str
    jpm: str
    potential: str


def body_of(scores: str, score_ids: str, assessments: str) -> str:
    """The body that follows from `Scored` with their ids, in the same order, and from `Assessed`."""
    performance = _performance_of(scores)
    for place, score_id in enumerate(score_ids.split(ROW)):
        performance = performance.replace(_mark(place), score_id)
    assessed = [Assessed._make(row.split(FIELD)) for row in assessments.split(ROW)] if assessments else []
    competency = _part_of(assessed, MeasuredPart.JPM)
    potential = _part_of(assessed, MeasuredPart.POTENTIAL)
    return f'{{"potential": {potential}, "competency": {competency}, "performance": {performance}}}'


@lru_cache(maxsize=_REMEMBERED)
def _performance_of(scores: str) -> str:
    """What is said of scores like these, with marks for their ids."""
    rows = scores.split(ROW) if scores else ()
    held = [_held_score(place, Scored._make(row.split(FIELD))) for place, row in enumerate(rows)]
    return _said(state_of(_NOBODY, held, (), version=0), "performance")


def _held_score(place: int, scored: Scored) -> HeldScore:
    score = Score(
        period=Period(
            PeriodKind(scored.period_kind),
            date.fromisoformat(scored.starts_on),
            date.fromisoformat(scored.ends_on),
        ),
        predikat=Predikat(scored.predikat),
        hasil=Ekspektasi(scored.hasil) if scored.hasil else None,
        perilaku=Ekspektasi(scored.perilaku) if scored.perilaku else None,
    )
    return HeldScore(UUID(_mark(place)), int(scored.score_version), score)


def _part_of(assessed: Sequence[Assessed], part: MeasuredPart) -> str:
    """What is said of the assessment whose part is in force."""
    having = [one for one in assessed if getattr(one, part)]
    if not having:
        return "null"
    # Of one alone nothing has to be decided.
    chosen = having[0] if len(having) == 1 else _newest(having, part)
    said = _measured_as(part, getattr(chosen, part))
    for mark, value in zip(_MARKED, (chosen.assessment_id, chosen.assessed_on, chosen.valid_until), strict=True):
        said = said.replace(mark, value)
    return said


def _newest(having: Sequence[Assessed], part: MeasuredPart) -> Assessed:
    held = {_held_assessment(one, part): one for one in having}
    return next(one for key, one in held.items() if key == in_force(held.keys(), part))


def _held_assessment(assessed: Assessed, part: MeasuredPart) -> HeldAssessment:
    """As if nothing but the part had been measured."""
    value = Decimal(getattr(assessed, part))
    assessment = TalentAssessment(
        assessed_on=date.fromisoformat(assessed.assessed_on),
        valid_until=date.fromisoformat(assessed.valid_until),
        jpm=value if part is MeasuredPart.JPM else None,
        potential=value if part is MeasuredPart.POTENTIAL else None,
    )
    return HeldAssessment(UUID(assessed.assessment_id), int(assessed.assessment_version), assessment)


@lru_cache(maxsize=_REMEMBERED)
def _measured_as(part: MeasuredPart, value: str) -> str:
    """What is said of an assessment that measured this, with marks for its id and days."""
    alike = Assessed(*_MARKED[:1], "1", *_MARKED[1:], value, value)
    state = state_of(_NOBODY, (), [_held_assessment(alike, part)], version=0)
    return _said(state, "competency" if part is MeasuredPart.JPM else "potential")


@cache
def _mark(place: int) -> str:
    return str(UUID(int=place))


_MARKED: Final = (_mark(0), date.min.isoformat(), date.max.isoformat())
"""Id, day and last day of an assessment."""


def _said(state: AssessmentState, member: str) -> str:
    """A member of a state as PostgreSQL writes it."""
    return json.dumps(_in_order(state.model_dump(mode="json")[member]), ensure_ascii=False)


def _in_order(value: Any) -> Any:
    """Shorter names first, as `jsonb` keeps them."""
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value, key=lambda name: (len(name), name))}
    return value

"""The pure work on one score: the rule, and both states read from JSON and written as JSON."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.parts.sample import Sample
from deploy.demo.recomputation.expected import policy
from services.placement.talents.rules import evaluate
from shared.events.assessment import AssessmentState
from shared.events.placement import TalentState


def reckoning(sample: Sample) -> Mapping[str, Callable[[], Any]]:
    """By part, what is done once for each score."""
    result, talent = sample.assessment.model_dump_json(), sample.talent.model_dump_json()
    terms, on = policy(), sample.evaluation.on
    return {
        "both states encoded": lambda: (sample.assessment.model_dump_json(), sample.talent.model_dump_json()),
        "both states decoded and validated": lambda: (
            AssessmentState.model_validate_json(result),
            TalentState.model_validate_json(talent),
        ),
        "the rule: axes, gates, box": lambda: evaluate(sample.employee, sample.assessment, terms, on),
    }

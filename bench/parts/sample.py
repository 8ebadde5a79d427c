"""One person's documents, as long as the real ones: what the parts carry, write and reckon with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from bench.installation import today
from bench.people import population_of
from deploy.demo.recomputation.expected import assessment_of, employee_of, policy
from services.placement.talents.events import talent_state
from services.placement.talents.rules import EmployeeInput, Evaluation, evaluate
from shared.events.assessment import AssessmentState
from shared.events.envelope import Cause, Headers, cause_of, headers_of
from shared.events.placement import TalentState
from shared.kafka.topics import RESULTS

REGIONS = 36
_CAUSE = "performance-score/019a0000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Sample:
    """What stands in for everybody."""

    nip: str
    employee: EmployeeInput
    assessment: AssessmentState
    evaluation: Evaluation
    talent: TalentState
    at: datetime
    cause: str = _CAUSE

    @classmethod
    def taken(cls) -> "Sample":
        person = population_of(REGIONS).person(0)
        employee, assessment = employee_of(person), assessment_of(person.ratings, person.assessment)
        evaluation = evaluate(employee, assessment, policy(), today().date())
        row = {"version": 1, "employee_id": UUID(int=1), "employee_version": 1, "assessment_version": 1}
        talent = talent_state(row, employee, evaluation)
        return cls(str(person.nip), employee, assessment, evaluation, talent, datetime.now(UTC))

    def enveloped(self) -> None:
        """What both hops do about the envelope: made, sent, and read again."""
        for _ in range(2):
            cause_of(dict(self.headers()))

    def headers(self) -> Headers:
        """The envelope of an event."""
        key, cause = str(UUID(int=1)), Cause(self.at, (self.cause,))
        return headers_of(topic=RESULTS.name, key=key, version=1, contract=1, cause=cause)

"""Which contract travels on which topic: the whole of what the services tell each other."""

from typing import Final

from shared.events.assessment import AssessmentState
from shared.events.contract import State
from shared.events.placement import TalentState
from shared.events.profile import EmployeeState
from shared.events.reporting import StandingState

CONTRACTS: Final[dict[str, type[State]]] = {
    "profile.employees": EmployeeState,
    "assessment.results": AssessmentState,
    "placement.talents": TalentState,
    "reporting.standings": StandingState,
}

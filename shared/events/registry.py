"""Which contract travels on which topic: the whole of what the services tell each other."""

from typing import Final

from shared.events.assessment import AssessmentState
from shared.events.contract import State
from shared.events.placement import TalentState
from shared.events.profile import EmployeeState
from shared.events.reporting import StandingState
from shared.kafka.topics import EMPLOYEES, RESULTS, STANDINGS, TALENTS

CONTRACTS: Final[dict[str, type[State]]] = {
    EMPLOYEES.name: EmployeeState,
    RESULTS.name: AssessmentState,
    TALENTS.name: TalentState,
    STANDINGS.name: StandingState,
}
"""By the name of the topic."""

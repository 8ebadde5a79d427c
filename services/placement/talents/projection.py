"""Takes in both inputs. One row an employee holds both, so that neither can overwrite what the other brought."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents import queries
from services.placement.talents.queries import Arrival
from services.placement.talents.rules import KEPT, Employee
from services.placement.talents.service import publish_results
from shared.events.assessment import AssessmentState
from shared.events.envelope import Cause
from shared.events.profile import EmployeeState
from shared.kafka.consumer import Received

_KINDS: Final = ("employee", "assessment")
_Batch = Mapping[UUID, Sequence[Received[Any]]]


async def take_in(session: AsyncSession, received: Sequence[Received[Any]]) -> None:
    """Apply a batch of `profile.employees` and `assessment.results`, in any order and any number of times."""
    batch: dict[UUID, list[Received[Any]]] = defaultdict(list)
    for event in received:
        batch[event.state.employee_id].append(event)
    newest = {employee_id: _newest(events) for employee_id, events in batch.items()}
    rows = await queries.take_in(
        session,
        {
            employee_id: (_arrival(employee), _arrival(assessment))
            for employee_id, (employee, assessment) in newest.items()
        },
    )
    causes = {row["employee_id"]: _cause(row, batch[row["employee_id"]]) for row in rows}
    await publish_results(session, rows, causes, {row["employee_id"]: _accepted(row, newest) for row in rows})


def _newest(
    events: Iterable[Received[Any]],
) -> tuple[Received[EmployeeState] | None, Received[AssessmentState] | None]:
    """The last version of each input that the batch brought for one employee."""
    in_order = sorted(events, key=_age)
    employees = [event for event in in_order if isinstance(event.state, EmployeeState)]
    assessments = [event for event in in_order if isinstance(event.state, AssessmentState)]
    return employees[-1] if employees else None, assessments[-1] if assessments else None


def _age(event: Received[Any]) -> tuple[int, int]:
    return event.state.version, event.contract


def _arrival(event: Received[Any] | None) -> Arrival | None:
    if event is None:
        return None
    kept = KEPT if isinstance(event.state, EmployeeState) else None
    return Arrival(event.state.model_dump_json(include=kept), event.state.version, event.contract)


def _accepted(
    row: Any,
    newest: Mapping[UUID, tuple[Received[EmployeeState] | None, Received[AssessmentState] | None]],
) -> tuple[Employee | None, AssessmentState | None]:
    """What the row now holds of what the batch brought."""
    employee, assessment = newest[row["employee_id"]]
    return (
        employee.state if employee and employee.state.version == row["employee_version"] else None,
        assessment.state if assessment and assessment.state.version == row["assessment_version"] else None,
    )


def _cause(row: Any, events: Iterable[Received[Any]]) -> Cause:
    """The cause of the row's next state: of the events that were news to it, since a repetition causes nothing."""
    return Cause.merged(event.cause for event in events if _is_news(event, row))


def _is_news(event: Received[Any], row: Any) -> bool:
    kind = _KINDS[isinstance(event.state, AssessmentState)]
    return _age(event) > (row[f"known_{kind}_version"], row[f"known_{kind}_contract"])

"""Takes in both inputs. One row an employee holds both, so that neither can overwrite what the other brought."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents import queries
from services.placement.talents.queries import Arrival
from services.placement.talents.rules import KEPT, Employee
from services.placement.talents.service import publish_results
from shared.events.assessment import AssessmentState
from shared.events.envelope import MOST_CAUSES, Cause
from shared.events.profile import EmployeeState
from shared.kafka.consumer import Received


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
    waiting = {row["employee_id"]: causes[row["employee_id"]].causes for row in rows if row["waits"]}
    if waiting:
        await queries.keep_causes(session, waiting)
    complete = [row for row in rows if not row["waits"]]
    await publish_results(
        session, complete, causes, {row["employee_id"]: _accepted(row, newest) for row in complete}
    )


def _newest(
    events: Iterable[Received[Any]],
) -> tuple[Received[EmployeeState] | None, Received[AssessmentState] | None]:
    """The last version of each input that the batch brought for one employee."""
    newest: dict[type, Received[Any]] = {}
    for event in events:
        kind = type(event.state)
        if kind not in newest or _age(event) >= _age(newest[kind]):
            newest[kind] = event
    return newest.get(EmployeeState), newest.get(AssessmentState)


def _age(event: Received[Any]) -> tuple[int, int]:
    return event.state.version, event.contract


def _arrival(event: Received[Any] | None) -> Arrival | None:
    if event is None:
        return None
    kept = KEPT if type(event.state) is EmployeeState else None
    return Arrival(event.state.model_dump_json(include=kept), event.state.version, event.contract)


def _accepted(
    row: Any,
    newest: Mapping[UUID, tuple[Received[EmployeeState] | None, Received[AssessmentState] | None]],
) -> tuple[Employee | None, AssessmentState | None]:
    """What the row now holds of what the batch brought."""
    employee, assessment = newest[row["employee_id"]]
    return (
        employee.state if employee and _age(employee) == _held(row, "employee") else None,
        assessment.state if assessment and _age(assessment) == _held(row, "assessment") else None,
    )


def _held(row: Any, kind: str) -> tuple[int, int]:
    return row[f"{kind}_version"], row[f"{kind}_contract"]


def _cause(row: Any, events: Iterable[Received[Any]]) -> Cause:
    """The cause of the row's next state: of the events that were news to it, since a repetition causes nothing.

    What waited for its employee is named too. The origin is not its own: nothing could have followed before.
    """
    cause = Cause.merged(event.cause for event in events if _is_news(event, row))
    waited = row["waited"]
    return replace(cause, causes=(*waited, *cause.causes)[-MOST_CAUSES:]) if waited else cause


def _is_news(event: Received[Any], row: Any) -> bool:
    kind = "employee" if type(event.state) is EmployeeState else "assessment"
    return _age(event) > (row[f"known_{kind}_version"], row[f"known_{kind}_contract"])

"""Takes in both inputs. One row an employee holds both, so that neither can overwrite what the other brought."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents import queries
from services.placement.talents.queries import Arrival
from services.placement.talents.rules import KEPT
from services.placement.talents.service import Moved, publish_results
from shared.events.assessment import AssessmentState
from shared.events.contract import State
from shared.events.envelope import MOST_CAUSES, Cause
from shared.events.profile import EmployeeState
from shared.kafka.subscription import Received

S = TypeVar("S", bound=State)


async def take_in(session: AsyncSession, received: Sequence[Received[Any]]) -> None:
    """Apply a batch of `profile.employees` and `assessment.results`, in any order and any number of times."""
    batch: dict[UUID, list[Received[Any]]] = defaultdict(list)
    for event in received:
        batch[event.state.employee_id].append(event)
    brought = {employee_id: _brought(events) for employee_id, events in batch.items()}
    rows = await queries.take_in(
        session,
        {
            employee_id: (_arrival(each.employee), _arrival(each.assessment))
            for employee_id, each in brought.items()
        },
    )
    waiting: dict[UUID, tuple[str, ...]] = {}
    moved: list[Moved] = []
    for row in rows:
        each = brought[row["employee_id"]]
        cause = _cause(row, each.events)
        if row["waits"]:
            waiting[row["employee_id"]] = cause.causes
        else:
            inputs = _held(row, "employee", each.employee), _held(row, "assessment", each.assessment)
            moved.append(Moved(row, cause, *inputs))
    if waiting:
        await queries.keep_causes(session, waiting)
    await publish_results(session, moved)


class _Brought(NamedTuple):
    """What a batch brought for one employee: all of it, and the last version of each input."""

    events: Sequence[Received[Any]]
    employee: Received[EmployeeState] | None
    assessment: Received[AssessmentState] | None


def _brought(events: Sequence[Received[Any]]) -> _Brought:
    newest: dict[type, Received[Any]] = {}
    for event in events:
        kind = type(event.state)
        if kind not in newest or _age(event) >= _age(newest[kind]):
            newest[kind] = event
    return _Brought(events, newest.get(EmployeeState), newest.get(AssessmentState))


def _age(event: Received[Any]) -> tuple[int, int]:
    return event.state.version, event.contract


def _arrival(event: Received[Any] | None) -> Arrival | None:
    if event is None:
        return None
    is_employee = type(event.state) is EmployeeState
    document = event.state.model_dump_json(include=KEPT) if is_employee else event.document
    return Arrival(document, event.state.version, event.contract)


def _held(row: Any, kind: str, event: Received[S] | None) -> S | None:
    """The input that the batch brought, where the row now holds it."""
    if event is None or _age(event) != (row[f"{kind}_version"], row[f"{kind}_contract"]):
        return None
    return event.state


def _cause(row: Any, events: Sequence[Received[Any]]) -> Cause:
    """The cause of the row's next state: of the events that were news to it, since a repetition causes nothing.

    What waited for its employee is named too. The origin is not its own: nothing could have followed before.
    """
    # A single event must have been news: otherwise the row would not have been returned.
    news = events if len(events) == 1 else [event for event in events if _is_news(event, row)]
    cause = Cause.merged([event.cause for event in news])
    waited = row["waited"]
    return replace(cause, causes=(*waited, *cause.causes)[-MOST_CAUSES:]) if waited else cause


def _is_news(event: Received[Any], row: Any) -> bool:
    kind = "employee" if type(event.state) is EmployeeState else "assessment"
    return _age(event) > (row[f"known_{kind}_version"], row[f"known_{kind}_contract"])

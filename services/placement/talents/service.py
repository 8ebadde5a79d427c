"""From locked rows to results: read the policy, evaluate, write, publish. Events and the job alike."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.policies.queries import terms_in_force
from services.placement.policies.rules import Terms
from services.placement.talents import queries
from services.placement.talents.events import talent_state
from services.placement.talents.queries import Result
from services.placement.talents.rules import Employee, EmployeeInput, evaluate
from shared.db.moved import MOVED, told
from shared.db.session import Database, notify_after_commit
from shared.events.assessment import AssessmentState
from shared.events.envelope import Cause
from shared.events.placement import TalentState
from shared.kafka.topics import TALENTS
from shared.outbox.append import Outgoing, append

_PUBLISHED: Final = set(queries.CONTENT)


class Moved(NamedTuple):
    """A locked row whose inputs moved, and why. An input that has just arrived is at hand, and not in the row."""

    row: Any
    cause: Cause
    employee: Employee | None
    assessment: AssessmentState | None


async def publish_results(session: AsyncSession, moved: Sequence[Moved]) -> None:
    """Evaluate rows whose inputs moved; each gets a version and an event, even where the result is the same.

    Downstream tells by the input versions how far this service is.
    """
    if moved:
        terms = await terms_in_force(session)
        await _record(
            session,
            [
                Result(*_evaluated(row, employee, assessment, terms), cause)
                for row, cause, employee, assessment in moved
            ],
        )


async def reevaluate(session: AsyncSession, employee_ids: Sequence[UUID]) -> int:
    """Evaluate rows anew by today's day and policy; publish those that changed, and return their number."""
    rows = await queries.lock(session, employee_ids)
    terms = await terms_in_force(session)
    now = datetime.now(UTC)
    changed: list[Result] = []
    unchanged: dict[UUID, Any] = {}
    for row in rows:
        state, next_change_on = _evaluated(row, None, None, terms)
        content = state.model_dump(include=_PUBLISHED)
        if all(row[name] == _stored(content[name]) for name in _PUBLISHED):
            unchanged[state.employee_id] = next_change_on
        else:
            by_policy = row["policy_id"] != state.policy_id
            origin = f"talent-policy/{state.policy_id}" if by_policy else f"calendar/{state.evaluated_on}"
            changed.append(Result(state, next_change_on, Cause(now, (origin,))))
    await _record(session, changed)
    if unchanged:
        await queries.postpone(session, unchanged)
    return len(changed)


def _stored(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _evaluated(
    row: Any, employee: Employee | None, assessment: AssessmentState | None, terms: Terms
) -> tuple[TalentState, date | None]:
    """The next state of a locked row, and when it changes by itself; inputs that are not at hand are the row's."""
    if employee is None:
        employee = EmployeeInput.model_validate_json(row["employee"])
    if assessment is None and row["assessment"] is not None:
        assessment = AssessmentState.model_validate_json(row["assessment"])
    policy = terms.in_force(employee.region, row["day"])
    result = evaluate(employee, assessment, policy, row["day"])
    return talent_state(row, employee, result), result.next_change_on


async def _record(session: AsyncSession, results: Sequence[Result]) -> None:
    if results:
        states = [Outgoing(result.state, result.cause) for result in results]
        await append(session, TALENTS, states, beside=[queries.writing(results)])
        notify_after_commit(session, MOVED, told([result.state.employee_id for result in results]))


async def reevaluate_due(database: Database, limit: int) -> bool:
    """Re-evaluate one batch of what is due or was evaluated by a policy that is no longer in force.

    True when something moved, so that there may be more. Each batch is a transaction of its own.
    """
    async with database.transaction() as session:
        due = await queries.list_due(session, limit)
        if due:
            await reevaluate(session, due)
            return True
        stale = await _list_stale(session, limit)
        return bool(stale) and await reevaluate(session, stale) > 0


async def _list_stale(session: AsyncSession, limit: int) -> list[UUID]:
    terms = await terms_in_force(session)
    for region, policy_id, today in await queries.list_policies_in_use(session):
        if terms.in_force(region, today).policy_id != policy_id:
            stale = await queries.list_evaluated_by(session, region, policy_id, limit)
            if stale:
                return stale
    return []

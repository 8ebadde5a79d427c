"""From locked rows to results: read the policy, evaluate, write, publish. Events and the job alike."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.policies.queries import terms_in_force
from services.placement.talents import queries
from services.placement.talents.events import talent_state
from services.placement.talents.queries import Result
from services.placement.talents.rules import Employee, EmployeeInput, Evaluation, evaluate
from shared.db.session import Database
from shared.events.assessment import AssessmentState
from shared.events.envelope import Cause
from shared.events.placement import TalentState
from shared.kafka.topics import TALENTS
from shared.outbox.append import Outgoing, append

Known = Mapping[UUID, tuple[Employee | None, AssessmentState | None]]
"""Inputs that need no decoding, because they have just arrived."""
_PUBLISHED: Final = set(queries.CONTENT)


async def publish_results(
    session: AsyncSession,
    rows: Sequence[Any],
    causes: Mapping[UUID, Cause],
    known: Known,
) -> None:
    """Evaluate rows whose inputs moved; each gets a version and an event, even where the result is the same.

    Downstream tells by the input versions how far this service is.
    """
    evaluated = await _evaluate(session, rows, known)
    await _record(session, [(state, causes[state.employee_id], result) for _, state, result in evaluated])


async def reevaluate(session: AsyncSession, employee_ids: Sequence[UUID]) -> int:
    """Evaluate rows anew by today's day and policy; publish those that changed, and return their number."""
    rows = await queries.lock(session, employee_ids)
    now = datetime.now(UTC)
    changed: list[tuple[TalentState, Cause, Evaluation]] = []
    unchanged: dict[UUID, Any] = {}
    for row, state, result in await _evaluate(session, rows, {}):
        content = state.model_dump(include=_PUBLISHED)
        if all(row[name] == _stored(content[name]) for name in _PUBLISHED):
            unchanged[state.employee_id] = result.next_change_on
        else:
            by_policy = row["policy_id"] != state.policy_id
            origin = f"talent-policy/{state.policy_id}" if by_policy else f"calendar/{state.evaluated_on}"
            changed.append((state, Cause(now, (origin,)), result))
    await _record(session, changed)
    if unchanged:
        await queries.postpone(session, unchanged)
    return len(changed)


def _stored(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


async def _evaluate(
    session: AsyncSession,
    rows: Sequence[Any],
    known: Known,
) -> list[tuple[Any, TalentState, Evaluation]]:
    if not rows:
        return []
    terms = await terms_in_force(session)
    evaluated = []
    for row in rows:
        employee, assessment = _inputs_of(row, known)
        policy = terms.in_force(employee.region, row["day"])
        result = evaluate(employee, assessment, policy, row["day"])
        evaluated.append((row, talent_state(row, employee, result), result))
    return evaluated


def _inputs_of(row: Any, known: Known) -> tuple[Employee, AssessmentState | None]:
    """The inputs that the locked row holds. What has just been accepted is at hand already."""
    employee, assessment = known.get(row["employee_id"], (None, None))
    if employee is None:
        employee = EmployeeInput.model_validate_json(row["employee"])
    if assessment is None and row["assessment"] is not None:
        assessment = AssessmentState.model_validate_json(row["assessment"])
    return employee, assessment


async def _record(session: AsyncSession, results: Sequence[tuple[TalentState, Cause, Evaluation]]) -> None:
    if not results:
        return
    written = queries.writing(
        [Result(state, result.next_change_on, cause.origin_time, cause.causes) for state, cause, result in results]
    )
    await append(session, TALENTS, [Outgoing(state, cause) for state, cause, _ in results], beside=[written])


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

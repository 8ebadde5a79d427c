"""How talents are settled and repaired: by the service's own evaluation, each under a version of its own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.policies.queries import terms_in_force
from services.placement.rebuilding import queries
from services.placement.talents.queries import lock
from services.placement.talents.service import Moved, publish_results, reevaluate
from shared.events.envelope import Cause
from shared.kafka.topics import EMPLOYEES, RESULTS
from shared.rebuilding.model import Compared, Difference, ReadModel

_CAUSE: Final = "rebuild"


async def settle(session: AsyncSession, people: Sequence[UUID]) -> None:
    """Evaluate whom the job would within the minute: their day has come, or another policy is in force."""
    if not people:
        return
    terms = await terms_in_force(session)
    waiting = [
        employee_id
        for employee_id, region, policy_id, due, today in await queries.list_that_may_wait(session, people)
        if due or terms.in_force(region, today).policy_id != policy_id
    ]
    await reevaluate(session, waiting)


async def repair(session: AsyncSession, found: Sequence[Difference]) -> None:
    """The inputs of the topics, then what follows from them, published as any other change is."""
    moved = await queries.take_inputs(session, [UUID(one.key) for one in found])
    rows = await lock(session, moved)
    cause = Cause(datetime.now(UTC), (_CAUSE,))
    await publish_results(session, [Moved(row, cause, None, None) for row in rows])


READ_MODEL: Final = ReadModel(
    tables=["derived.talent"],
    compared=[
        Compared(
            "talent: inputs",
            live="derived.talent",
            shadow="shadow.talent",
            key="employee_id",
            version=queries.VERSIONS,
            content=queries.INPUTS,
        ),
        Compared(
            "talent: result",
            live=queries.EVALUATED.format(schema="derived"),
            shadow=queries.EVALUATED.format(schema="shadow"),
            key="employee_id",
            content=queries.RESULTS,
            differs="other result of the same inputs",
        ),
        Compared(
            "talent: version",
            live=queries.REACHED,
            shadow=queries.ALL_REACHED,
            key="employee_id",
            content=("reached",),
            differs="behind what was published",
        ),
    ],
    settle=settle,
    repair=repair,
    held={
        EMPLOYEES.name: "SELECT employee_id, employee_version FROM shadow.talent",
        RESULTS.name: "SELECT employee_id, assessment_version FROM shadow.talent",
    },
    carry_over=queries.CARRY_OVER,
)

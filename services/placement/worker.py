"""What the worker runs beside the outbox relay: the join of both inputs, and the look for what is due."""

from collections.abc import Sequence
from contextlib import nullcontext, suppress

from services.placement.settings import Settings
from services.placement.talents.projection import take_in
from services.placement.talents.service import reevaluate_due
from shared.db.session import Database
from shared.events.assessment import AssessmentState
from shared.events.profile import EmployeeState
from shared.kafka.subscription import Subscription
from shared.kafka.topics import EMPLOYEES, RESULTS
from shared.outbox.pacing import NoTurn, Pace
from shared.worker import Job


def subscriptions(_database: Database) -> Sequence[Subscription]:
    """One group for both inputs: a batch may bring either."""
    return (
        Subscription(
            group="placement.talents",
            contracts={EMPLOYEES: EmployeeState, RESULTS: AssessmentState},
            handle=take_in,
        ),
    )


def jobs(settings: Settings, database: Database) -> Sequence[Job]:
    """Results change with the calendar and with the policy in force, without any event."""
    pace = Pace.of(settings, database)
    more = False

    async def run() -> bool:
        """The first batch at once; those behind it give way to single changes, as all bulk does."""
        nonlocal more
        with suppress(NoTurn):
            async with pace.turn(settings.reevaluation_rows) if more else nullcontext():
                more = await reevaluate_due(database, settings.reevaluation_rows)
        return more

    return (Job(name="placement.reevaluation", run=run, every=settings.reevaluation_every),)

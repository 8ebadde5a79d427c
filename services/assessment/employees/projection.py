"""The copy of `profile.employees`: whose NIP is whose, and who may touch him."""

from collections.abc import Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.employees.queries import link, lock_nips, upsert_employees
from services.assessment.submissions.service import Arrival, admit
from shared.db.moved import MOVED, told
from shared.db.session import notify_after_commit
from shared.events.envelope import event_id
from shared.events.profile import EmployeeState
from shared.kafka.subscription import Received, Subscription
from shared.kafka.topics import EMPLOYEES


async def on_employees(session: AsyncSession, received: Sequence[Received[EmployeeState]]) -> None:
    """Take in employees, and let what waited for their NIPs take effect.

    A move to another region or unit changes who may touch the employee from now on, and nothing else: what was
    measured stays his. Rows are locked in the order employees, NIPs, results; a score takes NIPs, then results, or
    results alone.
    """
    newest = {one.state.employee_id: one for one in sorted(received, key=lambda one: one.state.version)}
    renumbered = await upsert_employees(session, [one.state for one in newest.values()])
    notify_after_commit(session, MOVED, told(newest))
    if not renumbered:
        return
    touched: dict[str, Arrival] = {}
    for change in renumbered:
        brought_by = newest[change.employee_id]
        event = event_id(EMPLOYEES.name, brought_by.state.key, brought_by.state.version)
        for nip in filter(None, (change.nip, change.former_nip)):
            touched[nip] = Arrival(event, brought_by.cause)
    await lock_nips(session, touched)
    await link(session, touched)
    await admit(session, touched)


SUBSCRIPTION: Final = Subscription(
    group="assessment.employees",
    contracts={EMPLOYEES: EmployeeState},
    handle=on_employees,
)

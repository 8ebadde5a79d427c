"""Employees as `profile.employees`."""

from dataclasses import replace

from shared.events.envelope import Cause
from shared.events.profile import EmployeeState
from shared.outbox.append import Outgoing


def outgoing(state: EmployeeState, cause: Cause) -> Outgoing:
    """The state as it goes out. What came in about an employee is named as its cause."""
    return Outgoing(state, replace(cause, causes=(f"employee/{state.employee_id}",)))

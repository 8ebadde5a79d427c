"""Recomputing what profile derives."""

from typing import Final
from uuid import UUID

from services.profile.employees.rules import fingerprint_of
from services.profile.verification import queries
from shared.events.profile import EmployeeState
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING

SLICE: Final = 1_000
_CAUSE: Final = "a column was changed past the service: hand in the employee again, or repair the row"


async def examine_fingerprints(examination: Examination) -> None:
    """The fingerprint of every employee is that of his columns: nothing was changed but by what was told."""
    after: UUID | None = BEGINNING
    while after is not None:
        async with examination.database.reading() as session:
            rows = await queries.list_states(session, after, SLICE)
        for row in rows:
            fingerprint = fingerprint_of(EmployeeState.model_validate_json(row["state"]))
            if fingerprint != row["fingerprint"]:
                examination.expect(
                    row["employee_id"],
                    {"fingerprint": fingerprint.hex()},
                    {"fingerprint": row["fingerprint"].hex()},
                    cause=_CAUSE,
                )
        after = rows[-1]["employee_id"] if len(rows) == SLICE else None
        await examination.went_through(len(rows))

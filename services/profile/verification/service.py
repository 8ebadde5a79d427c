"""Recomputing what profile derives."""

from typing import Any, Final
from uuid import UUID

from services.profile.employees.rules import fingerprint_of
from services.profile.verification import queries
from shared.events.profile import EmployeeState
from shared.verification.examination import UNREADABLE, Examination
from shared.verification.held import BEGINNING, END
from shared.verification.paging import last_of_page

SLICE: Final = 10_000
_CAUSE: Final = "a column was changed past the service: send the employee again, or repair the row"


async def examine_fingerprints(examination: Examination) -> None:
    """The fingerprint of every employee follows from the columns: nothing was changed past the service."""
    after: UUID | None = BEGINNING
    while after is not None:
        async with examination.database.reading() as session:
            last, count = await last_of_page(session, "source.employee", after, SLICE)
            rows = await queries.list_doubtful(session, after, last or END)
        for row in rows:
            try:
                _examine(examination, row)
            except UNREADABLE as error:
                examination.cannot_read(row["employee_id"], error, cause=_CAUSE)
        after = last
        await examination.went_through(count)


def _examine(examination: Examination, row: Any) -> None:
    fingerprint: bytes = fingerprint_of(EmployeeState.model_validate_json(row["state"]))
    expected, found = {"fingerprint": fingerprint.hex()}, {"fingerprint": row["fingerprint"].hex()}
    examination.expect(row["employee_id"], expected, found, cause=_CAUSE)

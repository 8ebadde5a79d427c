"""People to measure, and what is said of them. Everything follows from a small number."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from shared.asn.employment import EmployeeKind
from shared.asn.post import PostLevel
from shared.events.envelope import Cause
from shared.events.profile import EmployeeState, Post
from shared.kafka.subscription import Received

SEMARANG: Final = "33.74"
KENDAL: Final = "33.24"
ARRIVED_AT: Final = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)


def nip(number: int) -> str:
    return f"19870312201001{1 + number // 999:d}{1 + number % 999:03d}"


def employee_id(number: int) -> UUID:
    return UUID(int=0x0198_C0DE_0000_7000_8000_0000_0000_0000 + number)


def employee(
    number: int,
    *,
    version: int = 1,
    region: str = SEMARANG,
    unit_id: str = "dinas-1",
    bears: int | None = None,
) -> EmployeeState:
    """Employee `number`, who bears the NIP of that number, or of `bears`."""
    return EmployeeState(
        version=version,
        employee_id=employee_id(number),
        nip=nip(number if bears is None else bears),
        name="Nama",
        kind=EmployeeKind.PNS,
        region=region,
        unit_id=unit_id,
        post=Post(title="Analis", level=PostLevel.JF_AHLI_MUDA),
        kedudukan_hukum="01",
    )


def received(state: EmployeeState) -> Received[EmployeeState]:
    return Received(state, Cause(ARRIVED_AT, (f"employee/{state.employee_id}",)))


def score(number: int, year: int = 2025, predikat: str | None = "BAIK", **more: Any) -> dict[str, Any]:
    """The body of a yearly score of NIP `number`."""
    said = {} if predikat is None else {"predikat": predikat}
    return {"nip": nip(number), "period": {"kind": "YEARLY", "year": year}, **said, **more}


def talent(number: int, assessed_on: Any = "2025-05-20", **measured: Any) -> dict[str, Any]:
    """The body of a talent assessment of NIP `number`."""
    return {"nip": nip(number), "assessed_on": assessed_on, **measured}

"""Made-up inputs: an employee and an assessment in full, of which a test changes what it is about."""

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from services.placement.policies.rules import TalentPolicy, parse_policy, shipped_document
from shared.events.assessment import AssessmentState
from shared.events.profile import EmployeeState

ON: Final = date(2026, 11, 24)
DEFAULT: Final[TalentPolicy] = parse_policy(shipped_document("talenta-default-1"))
DJBK: Final[TalentPolicy] = parse_policy(shipped_document("djbk-2026"))
NIP: Final = "198703122010011001"
NAME: Final = "Raden Ajeng Contoh"


def employee(employee_id: UUID | None = None, **changes: Any) -> EmployeeState:
    """An active PNS whose qualification items all have their best score."""
    body: dict[str, Any] = {
        "version": 1,
        "employee_id": employee_id or uuid4(),
        "nip": NIP,
        "name": NAME,
        "kind": "PNS",
        "region": "33.74",
        "unit_id": "33.74-bkpp",
        "post": {"title": "Kepala Bidang", "level": "ADMINISTRATOR"},
        "kedudukan_hukum": "01",
        "retires_on": "2045-04-01",
        "education": "S-3",
        "field_match": True,
        "development": True,
        "experience": {"years": "8", "variety": "LINTAS_UNIT_ORGANISASI", "substance": True},
        "discipline": [],
    }
    return EmployeeState.model_validate(body | changes)


def year(ending: int, predikat: str = "BAIK", **changes: Any) -> dict[str, Any]:
    """The score of a calendar year."""
    body = {
        "score_id": uuid4(),
        "period_kind": "YEARLY",
        "starts_on": f"{ending}-01-01",
        "ends_on": f"{ending}-12-31",
        "predikat": predikat,
        "score_version": 1,
    }
    return body | changes


def measure(kind: str, value: Any, **changes: Any) -> dict[str, Any]:
    """A competency (`jpm`) or potential (`score`) assessment of the year before `ON`."""
    body = {
        "assessment_id": uuid4(),
        kind: str(value),
        "category": "MS",
        "assessed_on": "2025-11-01",
        "valid_until": "2028-10-31",
    }
    return body | changes


def assessment(employee_id: UUID | None = None, **changes: Any) -> AssessmentState:
    """Two years Baik, JPM 90 and potential 90."""
    body: dict[str, Any] = {
        "version": 1,
        "employee_id": employee_id or uuid4(),
        "performance": [year(2025), year(2024)],
        "competency": measure("jpm", 90),
        "potential": measure("score", 90),
    }
    return AssessmentState.model_validate(body | changes)


def punishment(level: str, imposed_on: str, until: str | None = None, **changes: Any) -> dict[str, Any]:
    """One hukuman disiplin."""
    return {"level": level, "imposed_on": imposed_on, "until": until} | changes

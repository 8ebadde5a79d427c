"""Who calls, and the population that the call may touch, in Python and as a condition in SQL."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_

from shared.asn.region import covers
from shared.auth.scopes import Scope


def covered(row: str) -> str:
    """Whether `row`, a table or its alias, may be touched, as SQL: the same answer as `Population.condition`.

    Parameters are those of `Population.arrays` from `$2` on; `$1` is what is looked for. NULL is no.
    """
    return f"""(
        {row}.region = ANY ($2::text[]) OR left({row}.region, 2) = ANY ($3::text[])
        OR {row}.unit_id = ANY ($4::text[]) OR {row}.employee_id = $5::uuid
    )"""


@dataclass(frozen=True, slots=True)
class Population:
    """Whose data may be touched: the union of regions (`33`, `33.74`, `33.*`), units and one's own record.

    An empty population is nobody's.
    """

    regions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    employee_id: UUID | None = None

    def covers_region(self, code: str) -> bool:
        """True when all of the region `code` may be touched."""
        return any(covers(pattern, code) for pattern in self.regions)

    def covers(self, *, region: str, unit_id: str | None, employee_id: UUID | None) -> bool:
        """True when this one person may be touched; the same answer as `condition` gives in SQL."""
        return (
            self.covers_region(region)
            or (unit_id is not None and unit_id in self.units)
            or (employee_id is not None and employee_id == self.employee_id)
        )

    def arrays(self) -> tuple[list[str], list[str], list[str], UUID | None]:
        """`(codes, provinces, units, employee_id)`: parameters of `covered`, where a statement is plain SQL."""
        provinces = [pattern[:2] for pattern in self.regions if pattern.endswith(".*")]
        codes = [pattern for pattern in self.regions if not pattern.endswith(".*")]
        return codes, provinces, list(self.units), self.employee_id

    def condition(self, region: Any, unit: Any = None, employee: Any = None) -> ColumnElement[bool]:
        """The rows that may be touched, as a condition. Give None for a column that the table lacks."""
        codes, provinces, units, employee_id = self.arrays()
        allowed: list[ColumnElement[bool]] = []
        if codes:
            allowed.append(region.in_(codes))
        if provinces:
            allowed.append(func.left(region, 2).in_(provinces))
        if units and unit is not None:
            allowed.append(unit.in_(units))
        if employee_id is not None and employee is not None:
            allowed.append(employee == employee_id)
        return or_(*allowed) if allowed else false()


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller, as far as one call goes: `population` is that of the roles which grant its scope."""

    subject: str
    roles: tuple[str, ...]
    scopes: frozenset[Scope]
    population: Population

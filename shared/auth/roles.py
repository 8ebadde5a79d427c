"""A role is a set of scopes, each over a population that the token's claims fill in."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.auth.scopes import Scope


class PopulationKind(StrEnum):
    """Whose data: one's own, that of units, or that of regions (a province and all in it is `33.*`)."""

    SELF = "self"
    UNIT = "unit"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Role:
    """`population` names the claims that count for this role; all others are ignored."""

    name: str
    scopes: frozenset[Scope]
    population: frozenset[PopulationKind]


_READS: Final = frozenset({Scope.PROFILE_READ, Scope.ASSESSMENT_READ, Scope.PLACEMENT_READ, Scope.REPORTING_READ})

INTEGRATOR: Final = Role(
    "integrator",
    _READS | {Scope.PROFILE_WRITE, Scope.ASSESSMENT_WRITE},
    frozenset({PopulationKind.REGION}),
)
"""A system of a government (SIMPEG, e-Kinerja) that writes and reads the data of its regions."""
PROVINCE_OPERATOR: Final = Role(
    "province_operator", _READS | {Scope.STATES_VERIFY}, frozenset({PopulationKind.REGION})
)
"""Operations of the province (BKD, Diskominfo): read everything, write nothing, verify that nothing was lost."""
EMPLOYEE: Final = Role("employee", _READS, frozenset({PopulationKind.SELF}))
"""An ASN, who sees their own record and nothing else."""

ALL: Final = (INTEGRATOR, PROVINCE_OPERATOR, EMPLOYEE)
_BY_NAME: Final = {role.name: role for role in ALL}


def roles_granting(scope: Scope, names: Iterable[str]) -> tuple[Role, ...]:
    """Those of the named roles that hold `scope`. An unknown name grants nothing."""
    return tuple(role for role in map(_BY_NAME.get, names) if role is not None and scope in role.scopes)

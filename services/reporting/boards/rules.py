"""The merit index of a region: from whole sums to index, band and rank, exactly, rounded once.

Index = sum of weight × component over the sum of the weights that apply, over 100; in 0..1, six decimals, half up.
Bands are those of the NISM (PermenPANRB 19/2025: Dasar, Lanjutan, Menengah, Tinggi; Maju lies above 1, where
this index never comes), by their lower bounds. Beside them the old scale of 400 and its categories (PermenPANRB
40/2018, Peraturan KASN 9/2019), as half-open intervals, so that 249.5 falls into exactly one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from services.reporting.folding.rules import Tally
from shared.shown import Number, Text

SHIPPED: Final = Path(__file__).parent / "shipped"
_IN_FORCE: Final = "merit-default-1"

INDEX_PLACES: Final = 6
OLD_SCALE: Final = 400
_TEN_THOUSANDTHS: Final = 10_000
_HUNDRED: Final = 100

NO_ACTIVE_EMPLOYEES: Final = "no_active_employees"
COVERAGE_TOO_LOW: Final = "coverage_too_low"
TOO_FEW_PEOPLE: Final = "too_few_people"
NOT_MEASURED_YET: Final = "not_measured_yet"
NOBODY_MEASURED: Final = "nobody_measured"


class _Clause(BaseModel):
    """A part of a policy: frozen, and without a field that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ComponentClause(_Clause):
    """A component, its weight among all, and what it measures."""

    code: str
    weight: int
    title: Text
    definition: Text


class Step(_Clause):
    """`code` holds from `at_least` up to where the next step begins."""

    at_least: Number
    code: str


class MeritPolicy(_Clause):
    """How regions are compared. Immutable: a change is a new policy with a new id.

    A region with less than `least_coverage` percent of its active employees in a box is not ranked. The public is
    shown no numbers of fewer than `smallest_cell` people, and other counts in steps of as many, rounded down.
    """

    policy_id: str
    title: Text
    components: tuple[ComponentClause, ...]
    least_coverage: int
    bands: tuple[Step, ...]
    categories: tuple[Step, ...]
    smallest_cell: int

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(component.weight for component in self.components) != _HUNDRED:
            raise ValueError("weights must add up to 100")
        for steps in (self.bands, self.categories):
            bounds = [step.at_least for step in steps]
            if bounds != sorted(set(bounds)) or bounds[0] != 0:
                raise ValueError("steps must begin at 0 and ascend")
        return self


@lru_cache
def policy_of(policy_id: str) -> MeritPolicy:
    """A shipped policy by its id."""
    return MeritPolicy.model_validate_json((SHIPPED / f"{policy_id}.json").read_bytes())


def policy_in_force() -> MeritPolicy:
    """The policy that boards are computed by now."""
    return policy_of(_IN_FORCE)


class Component(NamedTuple):
    """One component as measured. Where it drops out, `value` is None, `applied_weight` 0 and `dropped` says why.

    `value` (0..100) is shown with six decimals; `applied_weight` in percent of the weights that apply.
    """

    code: str
    numerator: Decimal
    denominator: int
    value: Decimal | None
    weight: int
    applied_weight: Decimal
    dropped: str | None

    def as_json(self) -> dict[str, Any]:
        """The stored form; decimals as text."""
        return {
            name: f"{field:f}" if isinstance(field, Decimal) else field for name, field in self._asdict().items()
        }


@dataclass(frozen=True, slots=True)
class Assessed:
    """A region by itself, before it is compared with the others."""

    index: Decimal | None
    unranked_reason: str | None
    components: tuple[Component, ...]


class _Measure(NamedTuple):
    """`numerator`, counted in `units` of one, over `denominator` times `scale` is the component, 0..100."""

    numerator: int
    units: int
    denominator: int
    scale: int

    @property
    def value(self) -> tuple[int, int]:
        """Numerator and denominator.

        Not a Fraction, which reduces itself at every step: that is most of what a region would cost in a fold.
        """
        return self.numerator * self.scale, self.denominator * self.units


_MEASURES: Final[Mapping[str, Callable[[Tally], _Measure]]] = {
    "performance": lambda tally: _Measure(tally.y_sum, _TEN_THOUSANDTHS, tally.with_y, 1),
    "talent_potential": lambda tally: _Measure(tally.x_sum, _TEN_THOUSANDTHS, tally.with_x, 1),
    "mapping_coverage": lambda tally: _Measure(tally.boxed, 1, tally.active, _HUNDRED),
}
"""What can be measured so far. A component of the policy that is missing here drops out, and it is said why."""
SHARES: Final = frozenset({"mapping_coverage"})
"""Components whose numerator counts people, as all denominators do. That of the others is a sum of scores."""

_STEPS: Final = [Decimal(digit).scaleb(place) for place in range(-6, 3) for digit in (1, 2, 5)]


def assess(tally: Tally, policy: MeritPolicy) -> Assessed:
    """The components and the index of a region. The index is None where no component applies."""
    measures = {
        clause.code: measure(tally) for clause in policy.components if (measure := _MEASURES.get(clause.code))
    }
    applied, weighted, divisor = 0, 0, 1
    for clause in policy.components:
        measured = measures.get(clause.code)
        if measured and measured.denominator:
            numerator, denominator = measured.value
            applied += clause.weight
            weighted, divisor = weighted * denominator + clause.weight * numerator * divisor, divisor * denominator
    return Assessed(
        half_up(weighted, divisor * applied * _HUNDRED, INDEX_PLACES) if applied else None,
        _unranked_reason(tally, policy),
        tuple([_component(clause, measures.get(clause.code), applied) for clause in policy.components]),
    )


def _unranked_reason(tally: Tally, policy: MeritPolicy) -> str | None:
    if not tally.active:
        return NO_ACTIVE_EMPLOYEES
    return COVERAGE_TOO_LOW if tally.boxed * _HUNDRED < policy.least_coverage * tally.active else None


def _component(clause: ComponentClause, measure: _Measure | None, applied: int) -> Component:
    if measure is None:
        return Component(clause.code, Decimal(0), 0, None, clause.weight, Decimal(0), NOT_MEASURED_YET)
    numerator = half_up(measure.numerator, measure.units, 4)
    if not measure.denominator:
        return Component(clause.code, numerator, 0, None, clause.weight, Decimal(0), NOBODY_MEASURED)
    return Component(
        clause.code,
        numerator,
        measure.denominator,
        half_up(*measure.value, INDEX_PLACES),
        clause.weight,
        half_up(clause.weight * _HUNDRED, applied, INDEX_PLACES),
        None,
    )


def half_up(numerator: int, denominator: int, places: int) -> Decimal:
    """The quotient, not negative, rounded to `places` decimals; a half goes up."""
    scaled = (2 * numerator * 10**places + denominator) // (2 * denominator)
    return Decimal(scaled).scaleb(-places)


def rounded_down(number: Decimal, people: int, highest: int) -> Decimal:
    """`number`, a mean in 0..`highest` of so many people, too coarse to see one of them in it.

    In steps of 1, 2 or 5 of some place: the finest of which one person moves it by one at most, whatever he gets.
    Down, because bands begin at their lower bounds: no region is shown above a bound that it has not reached.
    """
    step = _STEPS[bisect_left(_STEPS, Decimal(highest) / people)]
    return number // step * step


def step_of(steps: tuple[Step, ...], number: Decimal) -> str:
    """The code of the step that `number` (0 or more) lies in."""
    return steps[bisect_right([step.at_least for step in steps], number) - 1].code

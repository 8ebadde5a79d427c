"""The board as people and systems read it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, Field

from services.reporting.boards.queries import Line
from services.reporting.boards.rules import (
    COVERAGE_TOO_LOW,
    NO_ACTIVE_EMPLOYEES,
    NOBODY_MEASURED,
    NOT_MEASURED_YET,
    OLD_SCALE,
    MeritPolicy,
    policy_of,
    step_of,
)
from services.reporting.folding.queries import RevisionNumber
from services.reporting.regions.rules import GOVERNMENTS
from shared.shown import Number, Reason, Text

_REASONS: Final = {
    NO_ACTIVE_EMPLOYEES: Text(id="Tidak ada ASN aktif", en="No active civil servants"),
    COVERAGE_TOO_LOW: Text(
        id="Kurang dari separuh ASN aktif memiliki kotak manajemen talenta",
        en="Less than half of the active civil servants have a nine-box cell",
    ),
    NOT_MEASURED_YET: Text(
        id="Komponen ini belum diukur; bobotnya dibagi ke komponen lain",
        en="This component is not measured yet; its weight goes to the others",
    ),
    NOBODY_MEASURED: Text(
        id="Belum ada ASN aktif dengan data untuk komponen ini; bobotnya dibagi ke komponen lain",
        en="No active civil servant has data for this component; its weight goes to the others",
    ),
}


def _reason_of(code: str | None) -> Reason | None:
    return None if code is None else Reason(code=code, text=_REASONS[code])


class ComponentAnswer(BaseModel):
    """One component, 0..100, with what it was computed from.

    Where it drops out, `dropped` says why, `applied_weight` is 0 and the other weights are scaled up to 100.
    `suppressed`: the numbers are withheld because they are those of very few people.
    """

    code: str = Field(examples=["performance"])
    numerator: Number | None = Field(examples=[812340.25])
    denominator: int | None = Field(examples=[10123])
    value: Number | None = Field(examples=[80.246987])
    weight: int = Field(examples=[30])
    applied_weight: Number = Field(examples=[40.0])
    dropped: Reason | None
    suppressed: bool = False

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "ComponentAnswer":
        return cls.model_validate({**stored, "dropped": _reason_of(stored["dropped"])})

    def for_the_public(self, smallest: int) -> "ComponentAnswer":
        """Without the numbers of fewer than `smallest` people."""
        if not self.denominator or self.denominator >= smallest:
            return self
        return self.model_copy(
            update={"numerator": None, "denominator": None, "value": None, "suppressed": True},
        )


class Counts(BaseModel):
    """Active employees of a region: all, with a value, an x, a y, a box, in the pool. None: withheld, very few."""

    active: int | None = Field(examples=[10250])
    with_value: int | None
    with_x: int | None
    with_y: int | None
    boxed: int | None
    in_pool: int | None

    def for_the_public(self, smallest: int) -> "Counts":
        """Without counts of fewer than `smallest` people; 0 tells of nobody and stays."""
        few = {name: None for name, count in self if count is not None and 0 < count < smallest}
        return self.model_copy(update=few)


class Region(BaseModel):
    """A region on the board. `index` is 0..1, `coverage` the percentage of active employees with a box.

    Without a rank `unranked_reason` says why; the index is then shown and compared with nobody's.
    """

    region_code: str = Field(examples=["33.74"])
    type: str | None = Field(examples=["Kota"])
    name: str | None = Field(examples=["Semarang"])
    rank: int | None = Field(examples=[1])
    index: Number | None = Field(examples=[0.812345])
    band: str | None = Field(examples=["TINGGI"])
    scale_400: Number | None = Field(examples=[324.938])
    category: str | None = Field(examples=["BAIK"])
    coverage: Number | None = Field(examples=[91.5])
    unranked_reason: Reason | None
    components: list[ComponentAnswer]
    counts: Counts
    policy_id: str = Field(examples=["merit-default-1"])

    @classmethod
    def of(cls, line: Line) -> "Region":
        """All numbers, for those whose population covers the region."""
        government = GOVERNMENTS.get(line.region)
        components = [ComponentAnswer.of(stored) for stored in line.components]
        return cls(
            region_code=line.region,
            type=government and government.type,
            name=government and government.name,
            rank=line.rank,
            index=line.index,
            **_standing_of(line.index, policy_of(line.policy_id)),
            coverage=next((part.value for part in components if part.code == "mapping_coverage"), None),
            unranked_reason=_reason_of(line.unranked_reason),
            components=components,
            counts=Counts.model_validate(line.tally, from_attributes=True),
            policy_id=line.policy_id,
        )

    def for_the_public(self, smallest: int) -> "Region":
        """Without numbers that tell of fewer than `smallest` people."""
        components = [part.for_the_public(smallest) for part in self.components]
        counts = self.counts.for_the_public(smallest)
        coverage = None if counts.active is None else self.coverage
        return self.model_copy(update={"components": components, "counts": counts, "coverage": coverage})


def _standing_of(index: Decimal | None, policy: MeritPolicy) -> dict[str, Any]:
    """The band of an index, and the same on the scale of 400."""
    if index is None:
        return {"band": None, "scale_400": None, "category": None}
    scaled = index * OLD_SCALE
    return {
        "band": step_of(policy.bands, index),
        "scale_400": scaled,
        "category": step_of(policy.categories, scaled),
    }


class MeritBoard(BaseModel):
    """The regions by merit index. One answer is one revision, which grows only when content changes."""

    as_of: datetime
    revision: int = Field(examples=[1207])
    policy: MeritPolicy
    regions: list[Region]

    @classmethod
    def of(
        cls,
        revision: RevisionNumber,
        policy: MeritPolicy,
        lines: Iterable[Line],
    ) -> "MeritBoard":
        """The public form: numbers of very few people are withheld."""
        regions = [Region.of(line).for_the_public(policy.smallest_cell) for line in lines]
        return cls(as_of=revision.as_of, revision=revision.number, policy=policy, regions=regions)

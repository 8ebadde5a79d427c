"""The board as people and systems read it."""

from bisect import bisect_left
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
    SHARES,
    TOO_FEW_PEOPLE,
    MeritPolicy,
    policy_of,
    rounded_down,
    step_of,
)
from services.reporting.folding.queries import RevisionNumber
from services.reporting.regions.rules import GOVERNMENTS
from shared.shown import Number, Reason, Text

_REASONS: Final = {
    NO_ACTIVE_EMPLOYEES: Text(id="Tidak ada ASN aktif", en="No active civil servants"),
    COVERAGE_TOO_LOW: Text(
        id="Terlalu sedikit ASN aktif yang memiliki kotak manajemen talenta menurut kebijakan ini",
        en="Too few active civil servants have a nine-box cell for this policy",
    ),
    TOO_FEW_PEOPLE: Text(
        id="Terlalu sedikit ASN: angkanya akan mengungkap nilai perorangan",
        en="Too few civil servants: the numbers would tell of single people",
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
    The public is shown no `numerator`, and the rest rounded down. `suppressed`: withheld, as numbers of very few.
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
        """Without the numbers of fewer than `smallest` people, and with none that tells of one among more."""
        if self.numerator is None or self.value is None or not self.denominator:
            return self
        is_share = self.code in SHARES
        if _is_few(self.denominator, smallest) or (is_share and _is_few(self.numerator, smallest)):
            return self.model_copy(
                update={"numerator": None, "denominator": None, "value": None, "suppressed": True},
            )
        # Everybody moves a share by a whole person, and a mean by no more than what has changed of his score.
        people = self.denominator // smallest if is_share else self.denominator
        return self.model_copy(
            update={
                "numerator": None,
                "denominator": _in_steps(self.denominator, smallest),
                "value": rounded_down(self.value, people, highest=100),
            },
        )


def _is_few(count: Decimal | int, smallest: int) -> bool:
    """Nobody is not few: 0 tells of nobody."""
    return 0 < count < smallest


def _in_steps(count: int, smallest: int) -> int:
    return count - count % smallest


class Counts(BaseModel):
    """Active employees of a region: all, with a value, an x, a y, a box, in the pool.

    The public is shown them in steps, rounded down. None: withheld, very few.
    """

    active: int | None = Field(examples=[10250])
    with_value: int | None
    with_x: int | None
    with_y: int | None
    boxed: int | None
    in_pool: int | None

    def for_the_public(self, smallest: int) -> "Counts":
        """Without counts of fewer than `smallest` people, the others in steps of as many."""
        shown = {
            name: None if _is_few(count, smallest) else _in_steps(count, smallest)
            for name, count in self
            if count is not None
        }
        return self.model_copy(update=shown)


class Region(BaseModel):
    """A region on the board. `index` is 0..1, `coverage` the percentage of active employees with a box.

    Without a rank `unranked_reason` says why; the index is then compared with nobody's. The public is shown the
    index rounded down, beside band and category of the exact one; none of them where a component is suppressed.
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
            coverage=_coverage_in(components),
            unranked_reason=_reason_of(line.unranked_reason),
            components=components,
            counts=Counts.model_validate(line.tally, from_attributes=True),
            policy_id=line.policy_id,
        )

    def for_the_public(self, smallest: int) -> "Region":
        """Without numbers that tell of fewer than `smallest` people, or from which those could be computed."""
        components = [part.for_the_public(smallest) for part in self.components]
        shown: dict[str, Any] = {
            "components": components,
            "counts": self.counts.for_the_public(smallest),
            "coverage": _coverage_in(components),
        }
        if any(part.suppressed for part in components):
            # The index is one equation for one unknown; what follows from it confines it as well.
            shown |= dict.fromkeys(("rank", "index", "band", "scale_400", "category"))
            shown["unranked_reason"] = _reason_of(TOO_FEW_PEOPLE)
        elif self.index is not None:
            fewest = min(part.denominator for part in self.components if part.denominator)
            shown["index"] = rounded_down(self.index, fewest, highest=1)
            shown["scale_400"] = shown["index"] * OLD_SCALE
        return self.model_copy(update=shown)


def _coverage_in(components: Iterable[ComponentAnswer]) -> Decimal | None:
    return next((part.value for part in components if part.code == "mapping_coverage"), None)


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


def public_regions(regions: Iterable[Region], smallest: int) -> list[Region]:
    """All regions as the public is shown them, the best first, ranked among those whose index it is shown.

    Ranks that counted the others would tell what index these have.
    """
    shown = [region.for_the_public(smallest) for region in regions]
    ranks = sorted(region.rank for region in shown if region.rank is not None)
    for region in shown:
        if region.rank is not None:
            region.rank = bisect_left(ranks, region.rank) + 1
    return sorted(shown, key=lambda region: (region.rank is None, region.rank, region.region_code))


class MeritBoard(BaseModel):
    """The regions by merit index. One answer is one revision, which grows only when content changes.

    Ranks are among the regions whose index is shown. Who may see a region reads all its numbers, unrounded, and
    its rank among all regions in its standing.
    """

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
        """The public form."""
        regions = public_regions(map(Region.of, lines), policy.smallest_cell)
        return cls(as_of=revision.as_of, revision=revision.number, policy=policy, regions=regions)

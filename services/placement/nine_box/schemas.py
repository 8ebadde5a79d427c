"""The box map as people and systems read it."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from services.placement.nine_box.rules import BOXES, Potensial
from shared.asn.predikat import Ekspektasi
from shared.shown import Text


class BoxCount(BaseModel):
    """One box and how many stand in it. `in_krs`: it belongs to the Kelompok Rencana Suksesi Instansi."""

    box: int = Field(ge=1, le=9)
    kinerja: Ekspektasi
    potensial: Potensial
    category: Text
    recommendation: Text
    in_krs: bool
    count: int = Field(ge=0)


class BoxMap(BaseModel):
    """How many employees of a region stand in each box, 9 first, and how many have none."""

    region: str = Field(examples=["33.74"])
    total: int
    without_box: int
    boxes: list[BoxCount]

    @classmethod
    def of(cls, region: str, counts: Mapping[int | None, int]) -> "BoxMap":
        """From the counts by box, None being those without one."""
        boxes = [
            BoxCount(
                box=number,
                kinerja=box.kinerja,
                potensial=box.potensial,
                category=box.category,
                recommendation=box.recommendation,
                in_krs=box.in_krs,
                count=counts.get(number, 0),
            )
            for number, box in sorted(BOXES.items(), reverse=True)
        ]
        return cls(region=region, total=sum(counts.values()), without_box=counts.get(None, 0), boxes=boxes)

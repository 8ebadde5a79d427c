"""Units as they come and go over HTTP."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.asn.region import RegionCode
from shared.http.fields import ONE_LINE

UnitId = Annotated[
    str,
    # Begins with a letter or digit: `..` and `:` alone would be no part of an address.
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"),
    Field(description="The unit's id at its source", examples=["33.74-dinkes"]),
]
UnitName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=ONE_LINE),
    Field(examples=["Dinas Kesehatan"]),
]


class UnitBody(BaseModel):
    """A unit as its source sends it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: RegionCode = Field(description="The government it belongs to, for good", examples=["33.74"])
    name: UnitName
    parent_id: UnitId | None = Field(
        None, description="The unit above it, of the same region", examples=[None, "33.74-setda"]
    )


class UnitAnswer(UnitBody):
    """A unit."""

    unit_id: UnitId

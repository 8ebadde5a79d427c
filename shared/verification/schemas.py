"""What the endpoints of the digests answer, and what whoever compares reads: digests, neither content nor name."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer

MOST_KEYS: Final = 5_000
"""Keys of one range, and of one page of entries."""

Digest = Annotated[int, PlainSerializer(str, return_type=str), Field(examples=["-1886153406207409237"])]
"""64 bits, as text: many a reader of JSON holds no whole number so large."""


class RangeAnswer(BaseModel):
    """The states behind `after` up to the key `last`; it is null where no state follows."""

    last: UUID | None
    states: int = Field(examples=[5000])
    digest: Digest


class EntriesAnswer(BaseModel):
    """Key, version and digest of each state, in the order of the keys."""

    items: list[tuple[UUID, int, Digest]] = Field(
        examples=[[["0198c0de-0000-7000-8000-000000000001", 3, "-1886153406207409237"]]],
    )


class DetailAnswer(BaseModel):
    """One state field by field, null where the field is; version 0 where there is no state.

    `pending`: its publication still waits in the outbox.
    """

    version: int = Field(examples=[3])
    fields: Mapping[str, Digest | None] = Field(examples=[{"region": "-1886153406207409237"}])
    pending: bool

"""How values are shown to people and systems: decimals as numbers, words in both languages, codes with words."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""Exact inside; a JSON number over HTTP."""


class Text(BaseModel):
    """Words for people, Indonesian first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    en: str


class Reason(BaseModel):
    """A code for machines and its words for people."""

    code: str = Field(examples=["not_active"])
    text: Text

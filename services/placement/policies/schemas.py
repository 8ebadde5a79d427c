"""Policies as anybody reads them."""

from datetime import date

from pydantic import BaseModel, Field

from services.placement.policies.rules import TalentPolicy
from shared.shown import Text


class TermAnswer(BaseModel):
    """In force in `region` from a day on, until the next term there; `*` is every region without its own."""

    region: str = Field(examples=["*"])
    effective_from: date


class PolicySummary(BaseModel):
    """A policy and its terms. `sha256` is that of its canonical JSON: a policy never changes."""

    policy_id: str = Field(examples=["talenta-default-1"])
    title: Text
    sha256: str
    in_force: list[TermAnswer]


class PolicyList(BaseModel):
    """All policies, by id."""

    items: list[PolicySummary]


class PolicyAnswer(PolicySummary):
    """A policy with all its criteria."""

    content: TalentPolicy

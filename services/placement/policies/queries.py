"""Reading policies."""

from typing import Final

from sqlalchemy import ColumnElement, String, cast
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.policies.rules import TalentPolicy, Term, Terms, parse_policy
from services.placement.policies.tables import PolicyInForce, TalentPolicyRow

_DOCUMENT: Final[ColumnElement[str]] = cast(col(TalentPolicyRow.content), String)
"""The document as text, by which parsed policies are remembered."""


async def terms_in_force(session: AsyncSession) -> Terms:
    """All terms of all regions. Read it after the rows to be evaluated are locked."""
    rows = await session.exec(
        select(col(PolicyInForce.region), col(PolicyInForce.effective_from), _DOCUMENT).join(TalentPolicyRow),
    )
    return Terms(Term(region, effective_from, parse_policy(document)) for region, effective_from, document in rows)


async def list_terms(session: AsyncSession) -> list[PolicyInForce]:
    """All terms, by region and beginning."""
    rows = await session.exec(
        select(PolicyInForce).order_by(PolicyInForce.region, col(PolicyInForce.effective_from))
    )
    return list(rows)


async def list_policies(session: AsyncSession) -> list[tuple[TalentPolicy, str]]:
    """All policies by id, each with its SHA-256."""
    rows = await session.exec(
        select(_DOCUMENT, col(TalentPolicyRow.sha256)).order_by(col(TalentPolicyRow.policy_id))
    )
    return [(parse_policy(document), sha256) for document, sha256 in rows]


async def find_policy(session: AsyncSession, policy_id: str) -> tuple[TalentPolicy, str] | None:
    """A policy with its SHA-256, None where there is none by that id."""
    rows = await session.exec(
        select(_DOCUMENT, col(TalentPolicyRow.sha256)).where(col(TalentPolicyRow.policy_id) == policy_id),
    )
    found = rows.first()
    return (parse_policy(found[0]), found[1]) if found else None

"""SQL on policies and their terms. Policies never change, so each is parsed once in a process."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, String, cast
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.policies.rules import TalentPolicy, Term, Terms, parse_policy
from services.placement.policies.tables import PolicyInForce, TalentPolicyRow
from shared.db.session import driver_of

_DOCUMENT: Final[ColumnElement[str]] = cast(col(TalentPolicyRow.content), String)
"""The document as text, by which parsed policies are remembered."""


class _Row(NamedTuple):
    """A term, by the id and the SHA-256 of its policy."""

    region: str
    effective_from: date
    policy_id: str
    sha256: str


_IN_FORCE: Final = """
    SELECT region, effective_from, policy_id, sha256
    FROM source.policy_in_force JOIN source.talent_policy USING (policy_id)
    ORDER BY region, effective_from
"""
_parsed: Final[dict[str, TalentPolicy]] = {}
"""By the SHA-256 of the document."""


async def terms_in_force(session: AsyncSession) -> Terms:
    """All terms of all regions. Read them after the rows to be evaluated are locked, so that none is missed."""
    rows = tuple(_Row(*row) for row in await (await driver_of(session)).fetch(_IN_FORCE))
    unknown = {row.policy_id for row in rows if row.sha256 not in _parsed}
    if unknown:
        await _parse(session, unknown)
    return _terms_of(rows)


async def _parse(session: AsyncSession, policy_ids: Iterable[str]) -> None:
    wanted = col(TalentPolicyRow.policy_id).in_(policy_ids)
    for document, sha256 in await session.exec(select(_DOCUMENT, col(TalentPolicyRow.sha256)).where(wanted)):
        _parsed[sha256] = parse_policy(document)


@lru_cache(maxsize=4)
def _terms_of(rows: tuple[_Row, ...]) -> Terms:
    """Remembered: it is asked for in every batch, and changes only with a term."""
    return Terms(Term(row.region, row.effective_from, _parsed[row.sha256]) for row in rows)


async def list_terms(session: AsyncSession) -> list[PolicyInForce]:
    """All terms, by region and first day."""
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
    """A policy with its SHA-256; None where there is none of that id."""
    rows = await session.exec(
        select(_DOCUMENT, col(TalentPolicyRow.sha256)).where(col(TalentPolicyRow.policy_id) == policy_id),
    )
    found = rows.first()
    return (parse_policy(found[0]), found[1]) if found else None

"""SQL of the pools."""

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.pools.schemas import PoolMember
from services.placement.talents.tables import Talent, in_region, visible_to
from shared.auth.caller import Population

_COLUMNS: Final[list[Any]] = [getattr(Talent, name) for name in PoolMember.model_fields]


async def list_members(
    session: AsyncSession,
    pattern: str,
    population: Population,
    *,
    after: tuple[Decimal, UUID] | None,
    limit: int,
) -> list[PoolMember]:
    """Up to `limit` members of a region's pool, highest talent value first, then by id, from behind `after` on."""
    value, employee_id = col(Talent.talent_value), col(Talent.employee_id)
    statement = select(*_COLUMNS).where(col(Talent.in_pool), in_region(pattern), visible_to(population))
    if after:
        # The index starts from the first condition; the second leaves out what the last page has shown.
        statement = statement.where(value <= after[0], or_(value < after[0], employee_id > after[1]))
    rows = await session.exec(statement.order_by(value.desc(), employee_id).limit(limit))
    return [PoolMember.model_validate(row, from_attributes=True) for row in rows]

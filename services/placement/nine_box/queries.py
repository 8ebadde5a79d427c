"""SQL of the box map."""

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from services.placement.talents.tables import Talent, in_region, visible_to
from shared.auth.caller import Population


def counting(pattern: str, population: Population) -> Select[int | None, int]:
    """Employees of a region by box; answered from an index alone."""
    box = col(Talent.box)
    return select(box, func.count()).where(in_region(pattern), visible_to(population)).group_by(box)


async def count_by_box(session: AsyncSession, pattern: str, population: Population) -> dict[int | None, int]:
    """Employees of a region by box, None being those without one."""
    return dict((await session.exec(counting(pattern, population))).all())

"""SQL on units."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.profile.units.tables import Unit
from shared.auth.caller import Population
from shared.db.session import driver_of

_TAKE_TURNS: Final = "SELECT pg_advisory_xact_lock(hashtext('profile.units'), hashtext($1))"
_INSERT: Final = """
    INSERT INTO source.unit (unit_id, region, name, updated_at)
    SELECT unit_id, region, unit_id, $3 FROM unnest($1::text[], $2::text[]) AS given (unit_id, region)
    ORDER BY unit_id ON CONFLICT (unit_id) DO NOTHING RETURNING unit_id
"""
_REGIONS: Final = "SELECT unit_id, region FROM source.unit WHERE unit_id = ANY($1::text[])"
_ANCESTORS: Final = """
    WITH RECURSIVE above (unit_id, parent_id) AS (
        SELECT unit_id, parent_id FROM source.unit WHERE unit_id = $1
        UNION
        SELECT unit.unit_id, unit.parent_id FROM source.unit JOIN above ON unit.unit_id = above.parent_id
    )
    SELECT unit_id FROM above
"""


async def take_turns(session: AsyncSession, region: str) -> None:
    """Let writers of one region's tree go one by one, so that no two of them make units each other's parent."""
    await (await driver_of(session)).execute(_TAKE_TURNS, region)


async def insert_missing_units(session: AsyncSession, regions: Mapping[str, str], at: datetime) -> frozenset[str]:
    """Insert the units (id → region) that are missing, named by their ids, and return the ids of those."""
    rows = await (await driver_of(session)).fetch(_INSERT, list(regions), list(regions.values()), at)
    return frozenset(row["unit_id"] for row in rows)


async def regions_of_units(session: AsyncSession, unit_ids: list[str]) -> dict[str, str]:
    """The region of each unit that exists."""
    return dict(await (await driver_of(session)).fetch(_REGIONS, unit_ids))


async def lock_unit(session: AsyncSession, unit_id: str) -> Unit:
    """An existing unit, locked until the transaction ends; employees may still join it meanwhile."""
    statement = select(Unit).where(col(Unit.unit_id) == unit_id).with_for_update(key_share=True)
    return (await session.exec(statement)).one()


async def list_units_above(session: AsyncSession, unit_id: str) -> frozenset[str]:
    """The unit itself and all above it."""
    rows = await (await driver_of(session)).fetch(_ANCESTORS, unit_id)
    return frozenset(row["unit_id"] for row in rows)


async def find_unit(session: AsyncSession, unit_id: str, population: Population) -> Unit | None:
    """The unit; None where there is none in the population."""
    statement = select(Unit).where(col(Unit.unit_id) == unit_id, _within(population))
    return (await session.exec(statement)).one_or_none()


async def list_units(
    session: AsyncSession,
    region: str,
    population: Population,
    *,
    after: str | None,
    limit: int,
) -> list[Unit]:
    """Up to `limit` units of the region that are in the population, by id, from behind `after` on."""
    statement = select(Unit).where(col(Unit.region) == region, _within(population))
    if after is not None:
        statement = statement.where(col(Unit.unit_id) > after)
    return list(await session.exec(statement.order_by(col(Unit.unit_id)).limit(limit)))


def _within(population: Population) -> Any:
    return population.condition(col(Unit.region), col(Unit.unit_id))

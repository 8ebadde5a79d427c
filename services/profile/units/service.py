"""Changes of units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.profile.governments.service import check_writes_to
from services.profile.units import queries
from services.profile.units.errors import ParentDoesNotFit, UnitStaysInItsRegion
from services.profile.units.schemas import UnitBody
from services.profile.units.tables import Unit
from shared.auth.caller import Population


@dataclass(frozen=True, slots=True)
class KnownUnits:
    """The regions of all units that were asked for, by id, and the ids of those that were created."""

    regions: Mapping[str, str]
    created: frozenset[str]


async def ensure_units(session: AsyncSession, regions: Mapping[str, str], at: datetime) -> KnownUnits:
    """Make sure that the units (id → region) exist: a source may name a unit before it describes it.

    A unit that exists keeps its region, whatever was asked for.
    """
    created = await queries.insert_missing_units(session, regions, at)
    return KnownUnits(await queries.regions_of_units(session, list(regions)), created)


async def put_unit(
    session: AsyncSession,
    unit_id: str,
    body: UnitBody,
    *,
    population: Population,
    at: datetime,
) -> tuple[Unit, bool]:
    """Create or update a unit; returns it, and whether it is new. Sending the same again writes nothing.

    Raises InvalidInput, OutsidePopulation, UnitStaysInItsRegion or ParentDoesNotFit.
    """
    check_writes_to(body.region, population)
    await queries.take_turns(session, body.region)
    created = await queries.insert_missing_units(session, {unit_id: body.region}, at)
    unit = await queries.lock_unit(session, unit_id)
    if unit.region != body.region:
        raise UnitStaysInItsRegion
    await _check_parent(session, unit, body.parent_id)
    if (unit.name, unit.parent_id) != (body.name, body.parent_id):
        unit.name, unit.parent_id, unit.updated_at = body.name, body.parent_id, at
        await session.flush()
    return unit, bool(created)


async def _check_parent(session: AsyncSession, unit: Unit, parent_id: str | None) -> None:
    if parent_id is None or parent_id == unit.parent_id:
        return
    known = await queries.regions_of_units(session, [parent_id])
    if known.get(parent_id) != unit.region:
        raise ParentDoesNotFit("tidak dikenal di wilayah ini", "is not known in this region")
    if unit.unit_id in await queries.list_units_above(session, parent_id):
        raise ParentDoesNotFit("berada di bawah unit ini sendiri", "stands below this unit itself")

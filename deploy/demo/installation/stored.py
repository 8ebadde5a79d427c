"""What the databases of profile, placement and reporting hold, read by key in short statements."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

import asyncpg

from deploy.demo.installation.installation import PerService
from services.reporting.ranks.rules import BY_BLOCK

Row = Mapping[str, Any]

_IDS: Final = "SELECT nip, employee_id FROM source.employee WHERE nip = ANY($1::text[])"
_TALENTS: Final = """
    SELECT employee_id, version, region, unit_id, level, active, predikat, x, y, talent_value, box, no_box_reasons,
        eligible, vetoes, in_pool, policy_id, evaluated_on, next_change_on
    FROM derived.talent WHERE employee_id = ANY($1::uuid[])
"""
_FOLDED: Final = """
    SELECT employee_id, version, region, unit_id, level, active, value, x, y, box, in_pool
    FROM derived.folded WHERE employee_id = ANY($1::uuid[])
"""
_TALLIES: Final = """
    SELECT region, active, with_value, value_sum, with_x, x_sum, with_y, y_sum, boxed, in_pool
    FROM derived.region_tally
"""
_HISTOGRAMS: Final = f"""
    SELECT scope, block, total, counts FROM derived.value_histogram
    WHERE scope NOT LIKE '{BY_BLOCK}%' ORDER BY scope, block
"""
_ON_THE_WAY: Final = "SELECT count(*) FROM source.outbox"
_UNFOLDED: Final = "SELECT count(*) FROM derived.dirty"
_BOARD: Final = "SELECT region, rank, index, unranked_reason FROM derived.board_row"


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """One employee in three databases; None where a service does not know the employee."""

    employee_id: UUID | None
    talent: Row | None
    folded: Row | None

    @property
    def day(self) -> date | None:
        """The day on which placement evaluated the employee."""
        return self.talent["evaluated_on"] if self.talent else None


NOBODY: Final = StoredPerson(None, None, None)


class Stored:
    """`async with Stored(installation.databases)`: a connection to each database, closed at the end."""

    def __init__(self, urls: PerService) -> None:
        self._urls = urls
        self._connections: list[asyncpg.Connection] = []

    async def __aenter__(self) -> Self:
        try:
            for url in astuple(self._urls):
                self._connections.append(await asyncpg.connect(url))
        except BaseException:
            await self.__aexit__()
            raise
        self._profile, _, self._placement, self._reporting = self._connections
        return self

    async def __aexit__(self, *_error: object) -> None:
        for connection in self._connections:
            await connection.close()

    async def people(self, nips: Sequence[str]) -> dict[str, StoredPerson]:
        """Those of `nips` that profile knows, by NIP."""
        ids = {row["nip"]: row["employee_id"] for row in await self._profile.fetch(_IDS, nips)}
        talents = await self._by_id(self._placement, _TALENTS, list(ids.values()))
        folded = await self._by_id(self._reporting, _FOLDED, list(ids.values()))
        return {nip: StoredPerson(one, talents.get(one), folded.get(one)) for nip, one in ids.items()}

    async def _by_id(self, connection: asyncpg.Connection, query: str, ids: list[UUID]) -> dict[UUID, Row]:
        return {row["employee_id"]: row for row in await connection.fetch(query, ids)}

    async def counts(self) -> dict[str, int]:
        """How many employees each database holds."""
        return {
            "profile.employee": await self._profile.fetchval("SELECT count(*) FROM source.employee"),
            "placement.talent": await self._placement.fetchval("SELECT count(*) FROM derived.talent"),
            "reporting.folded": await self._reporting.fetchval("SELECT count(*) FROM derived.folded"),
        }

    async def on_the_way(self) -> int:
        """Events that are not published yet, and standings that are not folded yet."""
        waiting: int = await self._reporting.fetchval(_UNFOLDED)
        for connection in self._connections:
            waiting += await connection.fetchval(_ON_THE_WAY)
        return waiting

    async def tallies(self) -> dict[str, Row]:
        return {row["region"]: dict(row) for row in await self._reporting.fetch(_TALLIES)}

    async def board(self) -> dict[str, Row]:
        return {row["region"]: dict(row) for row in await self._reporting.fetch(_BOARD)}

    async def histograms(self) -> dict[str, list[tuple[int, int, list[int]]]]:
        """By scope: block, its total, its counts; without the rows that repeat these totals."""
        found: dict[str, list[tuple[int, int, list[int]]]] = {}
        for scope, block, total, counts in await self._reporting.fetch(_HISTOGRAMS):
            found.setdefault(scope, []).append((block, total, counts))
        return found

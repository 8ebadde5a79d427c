"""SQL over the unmatched measurements, their resolutions and steps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of

# A refused one is in both tables until it expires; one that expired may still wait for the job that removes it.
_ALL: Final = """
    SELECT position, measurement_id, kept.nip, kind, measured, submitted_by, regions, units, accepted_at,
        event, resolved_at,
        coalesce(
            outcome, CASE WHEN state = 'WAITING' AND expires_at <= clock_timestamp() THEN 'EXPIRED' ELSE state END
        ) AS outcome
    FROM source.unmatched AS kept
    FULL JOIN source.unmatched_resolution
        USING (position, measurement_id, kind, measured, submitted_by, regions, units, accepted_at)
"""
_WANTED: Final = """
    ($1::text[] IS NULL OR outcome = ANY($1))
        AND ($2::text IS NULL OR $2 = ANY(regions))
        AND ($3::text IS NULL OR submitted_by = $3)
        AND ($4::timestamptz IS NULL OR accepted_at >= $4)
        AND ($5::timestamptz IS NULL OR accepted_at < $5)
"""
_FIND: Final = f"SELECT * FROM ({_ALL}) AS found WHERE {_WANTED} ORDER BY position LIMIT $6"
_COUNT: Final = f"""
    SELECT regions, units, CASE WHEN $6 THEN submitted_by END AS submitted_by,
        count(*) FILTER (WHERE outcome = 'WAITING') AS waiting,
        count(DISTINCT nip) FILTER (WHERE outcome = 'WAITING') AS nips,
        min(accepted_at) FILTER (WHERE outcome = 'WAITING') AS waits_since,
        count(*) FILTER (WHERE outcome = 'TAKEN') AS taken,
        count(*) FILTER (WHERE outcome = 'REFUSED') AS refused,
        count(*) FILTER (WHERE outcome = 'EXPIRED') AS expired
    FROM ({_ALL}) AS found
    WHERE {_WANTED}
    GROUP BY 1, 2, 3
    ORDER BY waiting DESC, 1, 2, 3
"""
_ADD_SHOWN: Final = """
    INSERT INTO source.unmatched_step (measurement_id, action, actor) SELECT unnest($1::uuid[]), 'SHOW', $2
"""


class Outcome(StrEnum):
    """WAITING, or what became of it: it took effect, its caller was not entitled, or nobody arrived in time."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which measurements, by acceptance; None is no condition, `until` is not included."""

    outcomes: Collection[Outcome] | None = None
    region: str | None = None
    submitted_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def parameters(self) -> list[object]:
        outcomes = None if self.outcomes is None else list(self.outcomes)
        return [outcomes, self.region, self.submitted_by, self.since, self.until]


@dataclass(frozen=True, slots=True)
class Found:
    """One measurement. The NIP is gone with what took effect or expired.

    `event` is the `ce_id` of the state that decided it; None where nothing did, or where the NIP was borne already
    when it was handed in.
    """

    measurement_id: UUID
    nip: str | None
    kind: str
    measured: str
    submitted_by: str
    regions: list[str]
    units: list[str]
    accepted_at: datetime
    event: str | None
    resolved_at: datetime | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of one population, or of one caller with it. `waits_since`: when the one that waits longest came.

    Whom an unmatched measurement is of nobody knows: the population is what the caller's token covered.
    """

    regions: list[str]
    units: list[str]
    submitted_by: str | None
    waiting: int
    nips: int
    waits_since: datetime | None
    taken: int
    refused: int
    expired: int


async def find(session: AsyncSession, selection: Selection, *, most: int) -> list[Found]:
    """At most so many, in the order of acceptance."""
    driver = await driver_of(session)
    return [
        Found(
            measurement_id=row["measurement_id"],
            nip=row["nip"],
            kind=row["kind"],
            measured=row["measured"],
            submitted_by=row["submitted_by"],
            regions=row["regions"],
            units=row["units"],
            accepted_at=row["accepted_at"],
            event=row["event"],
            resolved_at=row["resolved_at"],
            outcome=Outcome(row["outcome"]),
        )
        for row in await driver.fetch(_FIND, *selection.parameters(), most)
    ]


async def count(session: AsyncSession, selection: Selection, *, by_caller: bool) -> list[Counted]:
    """By population, and by caller if that is wanted; who waits most first."""
    driver = await driver_of(session)
    return [Counted(**row) for row in await driver.fetch(_COUNT, *selection.parameters(), by_caller)]


async def add_shown(session: AsyncSession, shown: Sequence[Found], *, actor: str) -> None:
    """A step of each: he saw it unredacted."""
    driver = await driver_of(session)
    await driver.execute(_ADD_SHOWN, [one.measurement_id for one in shown], actor)

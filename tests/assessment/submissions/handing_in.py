"""Handing in without HTTP, and waiting until somebody waits."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.performance.rules import Score, period_of
from services.assessment.submissions.service import PERFORMANCE_SCORE, submit
from shared.asn.predikat import Predikat
from shared.auth.caller import Caller, Population
from shared.events.assessment import PeriodKind
from shared.events.envelope import Cause
from tests.assessment.people import nip

CALLER: Final = Caller("simpeg", ("integrator",), frozenset(), Population(("33.*",)))
NOW: Final = datetime(2026, 6, 15, tzinfo=UTC)


async def hand_in(session: AsyncSession, number: int, year: int) -> None:
    """The score BAIK of a year for NIP `number`."""
    measured = Score(period_of(PeriodKind.YEARLY, year, None, on=NOW.date()), Predikat.BAIK)
    await submit(session, PERFORMANCE_SCORE, [(nip(number), measured)], caller=CALLER, cause=Cause(NOW))


async def blocked(connection: asyncpg.Connection, task: asyncio.Task[Any]) -> None:
    """Returns when a session of this database waits for a lock; fails when the task ends without having waited."""
    async with asyncio.timeout(10):
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'",
        ):
            assert not task.done()
            await asyncio.sleep(0.002)

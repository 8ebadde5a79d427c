"""What handing in costs: as many statements for a batch as for one."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from services.assessment.performance.rules import Score, period_of
from services.assessment.submissions.service import PERFORMANCE_SCORE, submit
from shared.asn.predikat import Predikat
from shared.auth.caller import Caller, Population
from shared.db.session import Database, driver_of
from shared.events.assessment import PeriodKind
from shared.events.envelope import Cause
from tests.assessment.conftest import Arrive
from tests.assessment.people import employee, nip

CALLER = Caller("simpeg", ("integrator",), frozenset(), Population(("33.*",)))
NOW = datetime(2026, 6, 15, tzinfo=UTC)


async def _statements(database: Database, handed_in: list[tuple[str, Score]]) -> int:
    sent: list[Any] = []
    async with database.transaction() as session:
        driver = await driver_of(session)
        with driver.query_logger(sent.append):
            await submit(session, PERFORMANCE_SCORE, handed_in, caller=CALLER, cause=Cause(NOW))
            await asyncio.sleep(0)  # the driver tells its loggers in the next round of the loop
    # Only those about our tables: a connection that meets a type for the first time asks what it is.
    return sum("source." in record.query or "derived." in record.query for record in sent)


@pytest.mark.parametrize("count", [1, 300])
async def test_scores_take_two_statements_and_one_where_nothing_changes(
    database: Database, arrive: Arrive, connection: asyncpg.Connection, count: int
) -> None:
    await arrive(*(employee(number) for number in range(count)))
    period = period_of(PeriodKind.YEARLY, 2025, None, on=NOW.date())
    first, second = (
        [(nip(number), Score(period, predikat)) for number in range(count)]
        for predikat in (Predikat.BAIK, Predikat.KURANG)
    )
    # Nobody has results yet. Lock the NIPs; see who bears them, make and lock their results; read what is held.
    assert await _statements(database, first) == 1 + 3 + 1
    # See who bears the NIPs, lock their results, read what is held; then insert, store and publish.
    assert await _statements(database, second) == 2
    assert await _statements(database, second) == 1
    assert await connection.fetchval("SELECT count(*) FROM source.outbox") == 2 * count

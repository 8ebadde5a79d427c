"""The folded tables that reads are measured on."""

from typing import Final

import asyncpg

from bench.reading.filling import fill
from deploy.local.stack import Stack
from services.reporting.verification.service import examine_histograms, examine_sums
from shared.db.engine import Role
from shared.verification.examination import Examination
from tests.service import migrated, opened

_PAGES: Final = """
    SELECT relpages, relallvisible FROM pg_class WHERE oid = 'derived.folded'::regclass
"""


async def test_all_is_visible_to_all_as_autovacuum_would_leave_it(stack: Stack) -> None:
    async with migrated(stack, "reporting") as database_url:
        await fill(database_url, people=2_000, regions=36)
        database = await asyncpg.connect(database_url)
        try:
            pages, visible = await database.fetchrow(_PAGES)
        finally:
            await database.close()
    assert pages == visible > 0


async def test_what_adds_up_is_what_a_fold_would_have_left(stack: Stack) -> None:
    async with migrated(stack, "reporting") as url, opened(url, "reporting", Role.API) as database:
        await fill(url, people=500, regions=3)
        examination = Examination("filled", database)
        await examine_sums(examination)
        await examine_histograms(examination)
    assert examination.differences == []

"""The folded tables that reads are measured on."""

from typing import Final

import asyncpg

from bench.reading.filling import fill
from deploy.local.stack import Stack
from tests.service import migrated

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

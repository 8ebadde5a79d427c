"""The servers of a bench are in the state of servers that have run for a while."""

from typing import Any, Final, cast

import asyncpg

from bench.installation import Bench
from bench.sizes import QUICK
from deploy.local.stack import Stack

_AHEAD: Final = "SELECT count(*) FROM pg_ls_waldir() WHERE name > pg_walfile_name(pg_current_wal_insert_lsn())"


async def test_after_a_checkpoint_the_log_is_written_into_files_that_are_there(stack: Stack) -> None:
    server = await asyncpg.connect(stack.database_url)
    try:
        await Bench(stack, cast("Any", None), QUICK).checkpoint()
        assert await server.fetchval(_AHEAD) >= 20
    finally:
        await server.close()

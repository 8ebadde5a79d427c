"""Putting the shadow's tables in the place of the live ones: all at once, and readers hardly feel it."""

from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.rebuilding.redirection import shadow_of
from shared.rebuilding.shadow import MARK, Shadow

# Readers queue behind whoever waits for their tables: rather give up soon, and come again.
_BE_BRIEF: Final = "SET LOCAL lock_timeout = '200ms'"
_LONGEST_CARRYING: Final = 3600.0
"""Seconds. Before the standstill no other bound holds: most of it happens then (`Rebuild.swap`)."""
_STATISTICS: Final = """
    SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = ANY ($1::text[]::regclass[])
"""
_TRIGGERS: Final = """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = ANY ($1::text[]::regclass[]) AND NOT tgisinternal
"""
_GRANTS: Final = """
    SELECT format('GRANT %s ON %s TO %s', privilege_type, oid::regclass,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
    FROM pg_class CROSS JOIN LATERAL aclexplode(relacl)
    WHERE oid = ANY ($1::text[]::regclass[]) AND grantee <> relowner
"""


async def carry_over(session: AsyncSession, shadow: Shadow) -> None:
    """Bring into the shadow what only the live tables know."""
    driver = await driver_of(session)
    for statement in shadow.model.carry_over:
        await driver.execute(statement, timeout=_LONGEST_CARRYING)


async def exchange(session: AsyncSession, shadow: Shadow) -> None:
    """Drop the live tables and let the shadow's bear their names.

    With them go indexes, sequences, statistics, triggers and grants. Names of indexes and constraints are those
    of the live ones already, for a name is one of its schema's. Raises the error of the database where somebody
    keeps a table for longer than 200 ms.
    """
    driver = await driver_of(session)
    old = [table for table in shadow.replaced if table not in shadow.model.added]
    await driver.execute(_BE_BRIEF)
    # Jobs write without being batches: what one of them tells others now must not be gone with the old table.
    await driver.execute(f"LOCK TABLE {', '.join(old)} IN EXCLUSIVE MODE")
    await carry_over(session, shadow)
    await driver.execute(f"LOCK TABLE {', '.join(old)} IN ACCESS EXCLUSIVE MODE")
    again = [row[0] for query in (_STATISTICS, _TRIGGERS, _GRANTS) for row in await driver.fetch(query, old)]
    await driver.execute(f"DROP TABLE {', '.join(old)}")
    for table in shadow.replaced:
        await driver.execute(f"ALTER TABLE {shadow_of(table)} SET SCHEMA {table.partition('.')[0]}")
    for statement in again:
        await driver.execute(statement)
    # Whoever comes after a kill at this moment finds no shadow to go on with.
    await driver.execute(f"DROP TABLE {MARK}")

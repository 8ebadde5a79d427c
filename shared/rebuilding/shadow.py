"""The shadow: tables like the live ones in a schema beside them, and sessions in which a service works on those.

They are unlogged, and have the keys only: a crash of the server empties all of them, the mark too that says what
they were made from, so that the next run makes them anew. A killed rebuild leaves them as they are, and the next
one of the same release goes on.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Final

from shared.commands.command import Desk
from shared.db.engine import Role, create_engine
from shared.db.session import Database, driver_of
from shared.outbox.signal import RelaySignal
from shared.rebuilding.model import ReadModel
from shared.rebuilding.redirection import SCHEMA, redirecting, redirection, shadow_of
from shared.rebuilding.release import release_of
from shared.rebuilding.resuming import are_as_they_were

_BESIDE: Final = (
    "derived.consumer_offset",
    "source.dead_letter",
    "source.dead_letter_step",
    "source.outbox",
)
"""What every batch writes: the shadow's progress, what it could not take in, and what it must not publish."""
_POOL: Final = 2

MARK: Final = f"{SCHEMA}.mark"
"""Says what the shadow was made from, by which release, and when its topics were read last; empty like all other
tables after a crash."""

_TABLE: Final = """
    SELECT format(
        'CREATE UNLOGGED TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY '
        'INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION)%s',
        $2::text, $1::text, ' WITH (' || array_to_string(reloptions, ', ') || ')'
    ) FROM pg_class WHERE oid = $1::text::regclass
"""
_COLUMNS: Final = """
    SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
"""
_KEYS: Final = """
    SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', $2::text, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('p', 'u') ORDER BY conname
"""
_INDEXES: Final = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid = $1::text::regclass
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY name
"""
# Whoever replays publishes nothing. A trigger, for other parts of the same statement are to take effect.
_MUTE: Final = (
    f"CREATE FUNCTION {SCHEMA}.publish_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    f"""
    CREATE TRIGGER publishes_nothing BEFORE INSERT ON {SCHEMA}.outbox
        FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.publish_nothing()
    """,
)


class RebuildUnderWay(Exception):
    """Another rebuild of this database is at work."""


class Shadow:
    """The shadow of one service's read model. `live` are sessions on the live tables."""

    def __init__(self, desk: Desk, model: ReadModel) -> None:
        self.live = desk.database
        self.model = model
        self._desk = desk
        tables = [*model.tables, *model.added, *_BESIDE]
        self.redirected = redirection(tables)
        engine = create_engine(
            self.live.engine.url.render_as_string(hide_password=False),
            service=desk.settings.service,
            role=Role.REBUILD,
            pool_size=_POOL,
            connection_class=redirecting(tables),
        )
        self.database = Database(engine)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[bool]:
        """Make the shadow, or go on with that of a run that did not end: then it says True. Gone after success.

        Raises RebuildUnderWay.
        """
        async with self.live.reading() as session:
            driver = await driver_of(session)
            if not await driver.fetchval("SELECT pg_try_advisory_lock(hashtext('talenta.rebuild'))"):
                raise RebuildUnderWay
            try:
                yield await self._prepare(driver)
                await driver.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            finally:
                await driver.execute("SELECT pg_advisory_unlock(hashtext('talenta.rebuild'))")
                await RelaySignal.of(self.database.engine).close()
                await self.database.close()

    async def _prepare(self, driver: Any) -> bool:
        statements = await self._definition(driver)
        columns = [await driver.fetchval(_COLUMNS, table) for table in self.model.tables]
        release = release_of(self._desk.settings)
        mark = sha256("\n".join([*statements, *columns, self._desk.namespace, release]).encode()).hexdigest()
        if await self._may_go_on(driver, mark):
            return True
        async with driver.transaction():
            await driver.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            await driver.execute(f"CREATE SCHEMA {SCHEMA}")
            for statement in statements:
                await driver.execute(statement)
            columns_of_mark = f"'{mark}' AS made_from, clock_timestamp() AS read_at"
            await driver.execute(f"CREATE UNLOGGED TABLE {MARK} AS SELECT {columns_of_mark}")
        return False

    async def _may_go_on(self, driver: Any, mark: str) -> bool:
        if not await driver.fetchval("SELECT to_regclass($1) IS NOT NULL", MARK):
            return False
        if await driver.fetchval(f"SELECT made_from FROM {MARK}") != mark:
            return False
        read_at = await driver.fetchval(f"SELECT read_at FROM {MARK}")
        return await are_as_they_were(driver, self._desk.settings.kafka_bootstrap_servers, read_at)

    async def note_reading(self) -> None:
        """What is read from now on was sent before now."""
        async with self.database.reading() as session:
            await (await driver_of(session)).execute(f"UPDATE {MARK} SET read_at = clock_timestamp()")

    async def _definition(self, driver: Any) -> list[str]:
        """The statements that make the shadow from the live tables as they are."""
        statements = []
        for table in (*self.model.tables, *_BESIDE):
            statements.append(await driver.fetchval(_TABLE, table, shadow_of(table)))
            statements += [row[0] for row in await driver.fetch(_KEYS, table, shadow_of(table))]
        columns = f"key {self._desk.published.key_type} PRIMARY KEY, version bigint NOT NULL"
        statements.append(f"CREATE UNLOGGED TABLE {SCHEMA}.published ({columns})")
        statements += [
            definition
            for name, definition in await self._indexes(driver, (*self.model.tables, *_BESIDE))
            if definition.startswith("CREATE UNIQUE ") or name.rpartition(".")[2] in self.model.indexes
        ]
        return [*statements, *_MUTE, *self.model.statements]

    async def finish(self) -> None:
        """All that the live tables have and the shadow lacks so far: log, indexes, statistics of the planner."""
        async with self.database.reading() as session:
            driver = await driver_of(session)
            for table in self.replaced:
                await driver.execute(f"ALTER TABLE {shadow_of(table)} SET LOGGED")
            for _, definition in await self._indexes(driver, self.model.tables):
                await driver.execute(definition.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1))
            for table in self.replaced:
                await driver.execute(f"ANALYZE {shadow_of(table)}")

    @property
    def replaced(self) -> Sequence[str]:
        """The tables of a swap; what is told by people and systems never is."""
        return [table for table in (*self.model.tables, *self.model.added) if table.startswith("derived.")]

    async def _indexes(self, driver: Any, tables: Sequence[str]) -> list[tuple[str, str]]:
        """Name and definition, on the shadow, of each index of these live tables that belongs to no constraint."""
        found = []
        for table in tables:
            rows = await driver.fetch(_INDEXES, table)
            found += [(row["name"], self.redirected(row["definition"])) for row in rows]
        return found

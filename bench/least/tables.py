"""The rows that the design has one score write, in the databases of three services, with as few columns as can be.

A hop is one statement and so one commit. Left out, so that it is less than the services do: what rows hold beside
their key, version, document and one number; all indexes but keys; the mark of a changed standing and the folder's
own transaction, for the sums are added up by the consumer; ranks but that of a region; log, dead letters, causes.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg

from deploy.demo.population.people import Person

PAYLOAD: Final = b"x" * 600
"""About as long as the events of the services, as in the floor."""

_OUTBOX: Final = """
    CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid, version bigint, payload bytea
    );
"""
TAKEN: Final = "CREATE TABLE taken (partition integer PRIMARY KEY, next bigint);"
_IN_PAGE: Final = "WITH (fillfactor = 50)"
_TABLES: Final = {
    "assessment": f"""
        CREATE TABLE bearer (nip text PRIMARY KEY, employee_id uuid);
        CREATE TABLE score (employee_id uuid, version bigint, document bytea, PRIMARY KEY (employee_id, version));
        CREATE TABLE result (employee_id uuid PRIMARY KEY, version bigint, state bytea) {_IN_PAGE};
        {_OUTBOX}
    """,
    "placement": f"""
        CREATE TABLE talent (
            employee_id uuid PRIMARY KEY, version bigint, input bytea, state bytea, written_at timestamptz
        ) {_IN_PAGE};
        {_OUTBOX} {TAKEN}
    """,
    "reporting": f"""
        CREATE TABLE standing (
            employee_id uuid PRIMARY KEY, version bigint, region text, value integer, written_at timestamptz
        ) {_IN_PAGE};
        CREATE TABLE tally (region text PRIMARY KEY, value_sum bigint) {_IN_PAGE};
        {TAKEN}
    """,
}
SERVICES: Final = tuple(_TABLES)
_PEOPLE: Final = "unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[]) AS person (nip, id, region, state)"
_FILL: Final = {
    "assessment": (
        f"INSERT INTO bearer SELECT nip, id FROM {_PEOPLE}",
        f"INSERT INTO result SELECT id, 0, state FROM {_PEOPLE}",
    ),
    "placement": (f"INSERT INTO talent SELECT id, 0, state, state FROM {_PEOPLE}",),
    "reporting": (
        f"INSERT INTO standing SELECT id, 0, region, 0 FROM {_PEOPLE}",
        f"INSERT INTO tally SELECT DISTINCT region, 0 FROM {_PEOPLE}",
    ),
}

# Who is meant, his next version, the three rows. The answer is what a token names.
ACCEPT: Final = """
    WITH told AS (
        UPDATE result SET version = result.version + 1, state = $3 FROM bearer
        WHERE bearer.nip = $1 AND result.employee_id = bearer.employee_id
        RETURNING result.employee_id, result.version
    ), kept AS (INSERT INTO score SELECT employee_id, version, $2 FROM told)
    INSERT INTO outbox (key, version, payload) SELECT employee_id, version, $3 FROM told RETURNING key, version
"""
# What was published last goes with the next look: one round trip for both.
RELAY: Final = """
    WITH published AS (DELETE FROM outbox WHERE id = ANY ($1::bigint[]))
    SELECT id, key, version, payload FROM outbox WHERE id <> ALL ($1::bigint[]) ORDER BY id LIMIT 500
"""
# Read without a lock, and written only where nobody has written since: a round trip for each, and none for a
# transaction around them.
HELD: Final = "SELECT employee_id, version, input FROM talent WHERE employee_id = ANY ($1::uuid[])"


def noted(partitions: int) -> str:
    """Where the partitions go on: their numbers are parameter `partitions`, the offsets the next one."""
    return f"""
        noted AS (
            INSERT INTO taken SELECT * FROM unnest(${partitions}::integer[], ${partitions + 1}::bigint[])
            ON CONFLICT (partition) DO UPDATE SET next = excluded.next
        )
    """


PLACE: Final = f"""
    WITH {noted(1)}, placed AS (
        UPDATE talent
        SET version = new.version, input = new.state, state = new.state, written_at = clock_timestamp()
        FROM unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::bytea[]) AS new (employee_id, held, version, state)
        WHERE talent.employee_id = new.employee_id AND talent.version = new.held
        RETURNING talent.employee_id, talent.version, talent.state
    )
    INSERT INTO outbox (key, version, payload) SELECT * FROM placed
"""
STAND: Final = f"""
    WITH {noted(1)}, stood AS (
        UPDATE standing SET version = new.version, value = new.value, written_at = clock_timestamp()
        FROM unnest($3::uuid[], $4::bigint[], $5::integer[]) AS new (employee_id, version, value)
        WHERE standing.employee_id = new.employee_id AND standing.version < new.version
        RETURNING standing.region, new.value - old.value AS more
    )
    UPDATE tally SET value_sum = tally.value_sum + moved.more
    FROM (SELECT region, sum(more) AS more FROM stood GROUP BY region) AS moved WHERE tally.region = moved.region
"""
TALENT: Final = "SELECT state FROM talent WHERE employee_id = $1"
RANK: Final = """
    SELECT convert_to(count(*)::text, 'UTF8') FROM tally
    WHERE value_sum >= (SELECT value_sum FROM tally WHERE region = $1)
"""


async def connected(database_url: str, **settings: str) -> Any:
    """A session that plans each statement once, by index."""
    planning = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "jit": "off"}
    return await asyncpg.connect(database_url, server_settings={**planning, **settings})


async def fill(database_url: str, service: str, people: Sequence[Person], ids: Sequence[UUID]) -> None:
    """Make the tables of a service in an empty database, and everybody's rows before his first score."""
    connection = await connected(database_url)
    try:
        await connection.execute(_TABLES[service])
        who = [str(person.nip) for person in people], ids, [person.region for person in people]
        for statement in _FILL[service]:
            await connection.execute(statement, *who, [PAYLOAD] * len(people))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()

"""The rows that a score writes with all their columns and indexes (those of bench.parts), and their statements."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from bench.least.tables import TAKEN, connected, noted
from bench.parts import tables
from deploy.demo.population.people import Person
from deploy.demo.recomputation.expected import assessment_of, employee_of

_ALL_TABLES: Final = f"""
    {tables.TABLES};
    {tables.READ};
    {TAKEN}
    CREATE TABLE answered (
        caller text, key text, fingerprint bytea, status integer, body bytea, created_at timestamptz DEFAULT now(),
        PRIMARY KEY (caller, key)
    );
    CREATE INDEX ON answered (created_at);
    CREATE TABLE revision (number bigint, changed_at timestamptz);
    INSERT INTO revision VALUES (0, now())
"""
_FILL: Final = """
    WITH person AS (
        SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[])
            AS person (nip, id, region, employee, assessment)
    ), bearers AS (INSERT INTO bearer SELECT nip, id FROM person
    ), results AS (INSERT INTO result SELECT id, 0, assessment, now() FROM person
    ), talents AS (
        INSERT INTO talent (employee_id, employee, employee_version, assessment, assessment_version, version)
        SELECT id, employee, 1, assessment, 0, 0 FROM person
    ), standings AS (
        INSERT INTO standing (employee_id, version, region, level, active, value, causes)
        SELECT id, 0, region, 'PENGAWAS', true, 0, '' FROM person
    ), copies AS (
        INSERT INTO folded (employee_id, version, region, level, active, value, causes)
        SELECT id, 0, region, 'PENGAWAS', true, 0, '' FROM person
    )
    INSERT INTO tally SELECT region, count(*), 0 FROM person GROUP BY region
"""
HELD: Final = """
    SELECT employee_id, version, body, (SELECT fingerprint FROM answered WHERE caller = $2 AND key = $3)
    FROM bearer JOIN result USING (employee_id) WHERE nip = $1
"""
# A key that another request has taken meanwhile undoes all of it.
ACCEPT: Final = """
    WITH told AS (
        UPDATE result SET version = $2::bigint + 1, body = $3, changed_at = now()
        WHERE employee_id = $1 AND version = $2 RETURNING version
    ), scored AS (
        INSERT INTO score VALUES ($5, $1, $6, 'YEARLY', $7, $8, $9, $10, $11, $12, $2 + 1, $13, $4)
    ), kept AS (
        INSERT INTO answered (caller, key, fingerprint, status, body) VALUES ($13, $14, $15, 201, $16)
    )
    INSERT INTO results_outbox (topic, key, version, contract, payload, origin_time, causes)
    SELECT $17, $1::text, version, 1, convert_to($3, 'UTF8'), $4, ARRAY['performance-score/' || $5::text] FROM told
    RETURNING version
"""


def relaying(outbox: str) -> str:
    """What was published last goes with the next look, as in the bare chain."""
    return f"""
        WITH published AS (DELETE FROM {outbox} WHERE id = ANY ($1::bigint[]))
        SELECT id, topic, key, version, contract, payload, origin_time, causes FROM {outbox}
        WHERE id <> ALL ($1::bigint[]) ORDER BY id LIMIT 500
    """


INPUTS: Final = """
    SELECT employee_id, employee, employee_version, version FROM talent WHERE employee_id = ANY ($1::uuid[])
"""
PLACE: Final = f"""
    WITH {noted(22)}, placed AS (
        {tables.TALENTS} RETURNING known.employee_id, known.version, known.origin_time, known.causes
    )
    INSERT INTO talents_outbox (topic, key, version, contract, payload, origin_time, causes)
    SELECT $24, employee_id::text, version, 1, payload, origin_time, ARRAY[causes]
    FROM placed JOIN unnest($1::uuid[], $25::bytea[]) AS told (employee_id, payload) USING (employee_id)
"""
STAND: Final = f"WITH {noted(16)}, {tables.STANDINGS.strip().removeprefix('WITH ')}"
FOLD: Final = f"""
    WITH revised AS (UPDATE revision SET number = number + 1, changed_at = now()),
    {tables.FOLD_AND_RANK.removeprefix("WITH ")}
"""
TALENT: Final = """
    SELECT convert_to(to_json(shown)::text, 'UTF8') FROM (
        SELECT employee_id, version, region, unit_id, level, active, predikat, x, y, talent_value, box, reasons,
            eligible, vetoes, in_pool, policy_id, evaluated_on, computed_at
        FROM talent WHERE employee_id = $1
    ) AS shown
"""
RANK: Final = """
    SELECT convert_to(to_json(shown)::text, 'UTF8') FROM (
        SELECT own.people, own.value_sum, number AS revision,
            (SELECT count(*) FROM tally WHERE value_sum >= own.value_sum) AS rank,
            (SELECT count(*) FROM tally) AS of
        FROM tally AS own, revision WHERE own.region = $1
    ) AS shown
"""


async def fill_all(database_url: str, _service: str, people: Sequence[Person], ids: Sequence[UUID]) -> None:
    """All tables with everybody, in the database of whichever service: it writes those that it has a use for."""
    connection = await connected(database_url)
    try:
        await connection.execute(_ALL_TABLES)
        states = [assessment_of(person.ratings, person.assessment) for person in people]
        columns = (
            [str(person.nip) for person in people],
            ids,
            [person.region for person in people],
            [employee_of(person).model_dump_json() for person in people],
            [
                state.model_copy(update={"employee_id": one}).model_dump_json()
                for state, one in zip(states, ids, strict=True)
            ],
        )
        await connection.execute(_FILL, *columns)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()

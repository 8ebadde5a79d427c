"""The rows that the design has one score write, in bare tables: no index but what a write is guarded by.

Documents are kept as text and never parsed, ranks have no histogram, and a fold adds up two sums a region instead
of nine: all of it is less than the services must do. `READ` and `FOLD_AND_RANK` add what reads stand on.
"""

from collections.abc import Mapping
from typing import Final

from bench.parts.sample import REGIONS

_OUTBOX: Final = """
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text, key text, version bigint, contract integer,
    payload bytea, origin_time timestamptz, causes text[], traceparent text, created_at timestamptz DEFAULT now()
"""
_PLACE: Final = """
    region text, unit_id text, level text, active boolean, value integer, x integer, y integer, box smallint,
    in_pool boolean, employee_version bigint, assessment_version bigint, origin_time timestamptz, causes text
"""
TABLES: Final = f"""
    CREATE TABLE bearer (nip text PRIMARY KEY, employee_id uuid NOT NULL);
    CREATE TABLE score (
        score_id uuid PRIMARY KEY, employee_id uuid, nip text, period_kind text, starts_on date, ends_on date,
        hasil text, perilaku text, predikat text, document text, score_version integer, submitted_by text,
        accepted_at timestamptz, UNIQUE (employee_id, period_kind, starts_on, score_version)
    );
    CREATE TABLE result (employee_id uuid PRIMARY KEY, version bigint, body text, changed_at timestamptz)
        WITH (fillfactor = 50);
    CREATE TABLE results_outbox ({_OUTBOX});
    CREATE TABLE talent (
        employee_id uuid PRIMARY KEY, employee text, employee_version bigint, assessment text,
        assessment_version bigint, version bigint, region text, unit_id text, level text, active boolean,
        predikat text, x numeric, y numeric, talent_value numeric, box smallint, reasons text, eligible boolean,
        vetoes text, in_pool boolean, policy_id text, evaluated_on date, next_change_on date,
        origin_time timestamptz, causes text, computed_at timestamptz
    ) WITH (fillfactor = 50);
    CREATE TABLE talents_outbox ({_OUTBOX});
    CREATE TABLE standing (employee_id uuid PRIMARY KEY, version bigint, {_PLACE}) WITH (fillfactor = 50);
    CREATE TABLE dirty (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, employee_id uuid NOT NULL);
    CREATE TABLE folded (employee_id uuid PRIMARY KEY, version bigint, {_PLACE}) WITH (fillfactor = 50);
    CREATE TABLE tally (region text PRIMARY KEY, people bigint, value_sum bigint) WITH (fillfactor = 10)
"""
READ: Final = """
    CREATE INDEX ON talent (region, employee_id);
    CREATE INDEX ON talent (region, policy_id, box);
    CREATE INDEX ON talent (next_change_on);
    CREATE INDEX ON talent (region, talent_value DESC, employee_id) WHERE in_pool;
    CREATE INDEX ON talent (left(region, 2), talent_value DESC, employee_id) WHERE in_pool;
    CREATE INDEX ON folded (region, unit_id, value) WHERE active AND value IS NOT NULL;
    CREATE INDEX ON folded (region, value DESC, employee_id) WHERE active AND value IS NOT NULL;
    CREATE TABLE histogram (scope text, block integer, total bigint, PRIMARY KEY (scope, block))
        WITH (fillfactor = 50)
"""
"""The services' own indexes, for lists, pools and ranks in a unit; and blocks of ranks without their counts."""
FILL: Final = f"""
    WITH person AS (
        SELECT lpad(to_hex(number), 32, '0')::uuid AS id, number, '33.' || number % {REGIONS} AS region
        FROM generate_series(0, $1::integer - 1) AS number
    ), bearers AS (INSERT INTO bearer SELECT lpad(number::text, 18, '0'), id FROM person
    ), results AS (INSERT INTO result SELECT id, 0, $2::text, now() FROM person
    ), talents AS (
        INSERT INTO talent (employee_id, employee, employee_version, assessment, assessment_version, version)
        SELECT id, $3::text, 1, $2::text, 0, 0 FROM person
    ), standings AS (
        INSERT INTO standing (employee_id, version, region, level, active, value, causes)
        SELECT id, 0, region, 'PENGAWAS', true, 0, '' FROM person
    ), copies AS (
        INSERT INTO folded (employee_id, version, region, level, active, value, causes)
        SELECT id, 0, region, 'PENGAWAS', true, 0, '' FROM person
    )
    INSERT INTO tally SELECT region, count(*), 0 FROM person GROUP BY region
"""

_CHANGED: Final = (
    *("version", "region", "unit_id", "level", "active", "value", "x", "y", "box", "in_pool"),
    *("employee_version", "assessment_version", "origin_time", "causes"),
)
HELD: Final = """
    SELECT employee_id, version, body FROM unnest($1::text[]) AS asked (nip)
    JOIN bearer USING (nip) JOIN result USING (employee_id)
"""
SCORES: Final = """
    INSERT INTO score SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::integer[], $12::text[], $13::timestamptz[]
    ) ON CONFLICT DO NOTHING
"""
RESULTS: Final = """
    UPDATE result AS known SET version = new.version, body = new.body, changed_at = now()
    FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS new (employee_id, version, body)
    WHERE known.employee_id = new.employee_id AND known.version < new.version
"""


def outbox(name: str) -> Mapping[str, str]:
    """What a row of an outbox goes through: written, read by the relay, deleted when the broker has it."""
    return {
        "written": f"""
            INSERT INTO {name} (topic, key, version, contract, payload, origin_time, causes)
            SELECT $1, key, version, 1, payload, origin_time, ARRAY[causes]
            FROM unnest($2::text[], $3::bigint[], $4::bytea[], $5::timestamptz[], $6::text[])
                AS new (key, version, payload, origin_time, causes)
        """,
        "read": f"SELECT id, key, version, payload, origin_time, causes FROM {name} WHERE id > $1 AND id <= $2",
        "deleted": f"DELETE FROM {name} WHERE id <= $1",
    }


LOCKED: Final = """
    SELECT employee_id, employee, version FROM talent WHERE employee_id = ANY($1::uuid[])
    ORDER BY employee_id FOR UPDATE
"""
TALENTS: Final = """
    UPDATE talent AS known SET
        assessment = new.assessment, assessment_version = new.version, version = known.version + 1,
        region = new.region, unit_id = new.unit_id, level = new.level, active = new.active,
        predikat = new.predikat, x = new.x, y = new.y, talent_value = new.talent_value, box = new.box,
        reasons = new.reasons, eligible = new.eligible, vetoes = new.vetoes, in_pool = new.in_pool,
        policy_id = new.policy_id, evaluated_on = new.evaluated_on, next_change_on = new.next_change_on,
        origin_time = new.origin_time, causes = new.causes, computed_at = now()
    FROM unnest(
        $1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[],
        $9::numeric[], $10::numeric[], $11::numeric[], $12::smallint[], $13::text[], $14::boolean[], $15::text[],
        $16::boolean[], $17::text[], $18::date[], $19::date[], $20::timestamptz[], $21::text[]
    ) AS new (
        employee_id, assessment, version, region, unit_id, level, active, predikat, x, y, talent_value, box,
        reasons, eligible, vetoes, in_pool, policy_id, evaluated_on, next_change_on, origin_time, causes
    ) WHERE known.employee_id = new.employee_id AND known.assessment_version < new.version
"""
STANDINGS: Final = f"""
    WITH written AS (
        UPDATE standing AS known SET {", ".join(f"{name} = new.{name}" for name in _CHANGED)}
        FROM unnest(
            $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::integer[],
            $8::integer[], $9::integer[], $10::smallint[], $11::boolean[], $12::bigint[], $13::bigint[],
            $14::timestamptz[], $15::text[]
        ) AS new (employee_id, {", ".join(_CHANGED)})
        WHERE known.employee_id = new.employee_id AND known.version < new.version RETURNING known.employee_id
    )
    INSERT INTO dirty (employee_id) SELECT employee_id FROM written
"""
_TAKEN: Final = """
    DELETE FROM dirty WHERE id = ANY (ARRAY(SELECT id FROM dirty ORDER BY id LIMIT $1)) RETURNING employee_id
"""
_MOVED: Final = f"""
    UPDATE folded AS known SET {", ".join(f"{name} = told.{name}" for name in _CHANGED)}
    FROM standing AS told
    WHERE told.employee_id = ANY (ARRAY(SELECT employee_id FROM taken))
        AND known.employee_id = told.employee_id AND known.version < told.version
    RETURNING old.region AS old_region, old.level AS old_level, old.value AS old_value,
        new.region, new.level, new.value
"""
_PLACES: Final = """
    SELECT 1 AS one, region, level, value FROM moved
    UNION ALL SELECT -1, old_region, old_level, old_value FROM moved
"""
_TALLIED: Final = """
    UPDATE tally SET people = tally.people + more.people, value_sum = tally.value_sum + more.value_sum
    FROM (
        SELECT region, sum(one) AS people, sum(one * value) AS value_sum FROM places GROUP BY region
    ) AS more WHERE tally.region = more.region
"""
_RANKED: Final = """
    INSERT INTO histogram AS known
    SELECT concat_ws('/', region, province || '.*', level), block, sum(one) FROM (
        SELECT one, region, left(region, 2) AS province, level, value / 100 AS block FROM places
    ) AS place
    GROUP BY block, GROUPING SETS ((), (level), (province), (province, level), (region), (region, level))
    HAVING sum(one) <> 0
    ON CONFLICT (scope, block) DO UPDATE SET total = known.total + EXCLUDED.total
"""
FOLD: Final = f"WITH taken AS ({_TAKEN}), moved AS ({_MOVED}), places AS ({_PLACES}) {_TALLIED}"
FOLD_AND_RANK: Final = (
    f"WITH taken AS ({_TAKEN}), moved AS ({_MOVED}), places AS MATERIALIZED ({_PLACES}), "
    f"ranked AS ({_RANKED}) {_TALLIED}"
)

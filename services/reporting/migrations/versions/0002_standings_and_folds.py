"""Standings and their marks; the folded copy, tallies and histograms; the board."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Rows here are written over and over: room beside them keeps an update on its page (HOT), and the vacuum
# comes by the number of changes rather than by a fifth of the table.
_HOT = "fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000"

_STANDING = f"""
    CREATE TABLE derived.standing (
        employee_id uuid NOT NULL CONSTRAINT pk_standing PRIMARY KEY,
        version bigint NOT NULL,
        contract integer NOT NULL,
        region text NOT NULL,
        unit_id text NOT NULL,
        level text NOT NULL,
        active boolean NOT NULL,
        value integer,
        x integer,
        y integer,
        box smallint,
        in_pool boolean NOT NULL,
        employee_version bigint NOT NULL,
        assessment_version bigint NOT NULL,
        origin_time timestamptz NOT NULL,
        causes text[] NOT NULL,
        traceparent text
    ) WITH ({_HOT})
"""
_DIRTY = """
    CREATE TABLE derived.dirty (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_dirty PRIMARY KEY,
        employee_id uuid NOT NULL
    ) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000)
"""
_FOLDED = f"""
    CREATE TABLE derived.folded (
        employee_id uuid NOT NULL CONSTRAINT pk_folded PRIMARY KEY,
        version bigint NOT NULL,
        contract integer NOT NULL,
        region text NOT NULL,
        unit_id text NOT NULL,
        level text NOT NULL,
        active boolean NOT NULL,
        value integer,
        x integer,
        y integer,
        box smallint,
        in_pool boolean NOT NULL,
        employee_version bigint NOT NULL,
        assessment_version bigint NOT NULL,
        origin_time timestamptz NOT NULL,
        causes text[] NOT NULL,
        traceparent text,
        folded_at timestamptz NOT NULL
    ) WITH ({_HOT})
"""
_FOLDED_UNIT = """
    CREATE INDEX ix_folded_unit ON derived.folded (region, unit_id, value) WHERE active AND value IS NOT NULL
"""
_FOLDED_TOP = """
    CREATE INDEX ix_folded_top ON derived.folded (region, value DESC, employee_id)
        WHERE active AND value IS NOT NULL
"""
_REGION_TALLY = """
    CREATE TABLE derived.region_tally (
        region text NOT NULL CONSTRAINT pk_region_tally PRIMARY KEY,
        active bigint NOT NULL,
        with_value bigint NOT NULL,
        value_sum bigint NOT NULL,
        with_x bigint NOT NULL,
        x_sum bigint NOT NULL,
        with_y bigint NOT NULL,
        y_sum bigint NOT NULL,
        boxed bigint NOT NULL,
        in_pool bigint NOT NULL
    ) WITH (fillfactor = 20)
"""
_VALUE_HISTOGRAM = """
    CREATE TABLE derived.value_histogram (
        scope text NOT NULL,
        block smallint NOT NULL,
        total integer NOT NULL,
        counts integer[] NOT NULL,
        CONSTRAINT pk_value_histogram PRIMARY KEY (scope, block)
    ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000)
"""
# One pass over the places that change; an array handled by PL/pgSQL is changed where it lies.
_ADDED_AT = """
    CREATE FUNCTION derived.added_at(counts integer[], places integer[], deltas integer[]) RETURNS integer[]
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
        BEGIN
            FOR i IN 1 .. cardinality(places) LOOP
                counts[places[i]] := counts[places[i]] + deltas[i];
            END LOOP;
            RETURN counts;
        END
    $$
"""
_REVISION = """
    CREATE TABLE derived.revision (
        single boolean NOT NULL CONSTRAINT pk_revision PRIMARY KEY CONSTRAINT ck_revision_single CHECK (single),
        number bigint NOT NULL,
        as_of timestamptz NOT NULL
    ) WITH (fillfactor = 10)
"""
_BOARD_ROW = """
    CREATE TABLE derived.board_row (
        region text NOT NULL CONSTRAINT pk_board_row PRIMARY KEY,
        version bigint NOT NULL,
        policy_id text NOT NULL,
        rank integer,
        index numeric(7, 6),
        unranked_reason text,
        components jsonb NOT NULL,
        revision bigint NOT NULL,
        as_of timestamptz NOT NULL,
        origin_time timestamptz NOT NULL,
        causes text[] NOT NULL,
        traceparent text,
        published_version bigint NOT NULL,
        published_at timestamptz
    ) WITH (fillfactor = 20)
"""


def upgrade() -> None:
    """Create the tables, their indexes and the function that adds to a block of a histogram."""
    for statement in (
        _STANDING,
        _DIRTY,
        _FOLDED,
        _FOLDED_UNIT,
        _FOLDED_TOP,
        _REGION_TALLY,
        _VALUE_HISTOGRAM,
        _ADDED_AT,
        _REVISION,
        "INSERT INTO derived.revision (single, number, as_of) VALUES (true, 0, now())",
        _BOARD_ROW,
    ):
        op.execute(statement)

"""One row an employee: both inputs and what follows from them."""

from alembic import op

revision = "0003"
down_revision = "0002"

# A row is written twice a batch, first its inputs, then its results: room on the page keeps both updates off
# the indexes wherever no indexed column changes.
_TALENT = """
    CREATE TABLE derived.talent (
        employee_id uuid NOT NULL CONSTRAINT pk_talent PRIMARY KEY,
        employee jsonb,
        employee_version bigint NOT NULL,
        employee_contract integer NOT NULL,
        assessment jsonb,
        assessment_version bigint NOT NULL,
        assessment_contract integer NOT NULL,
        version bigint NOT NULL DEFAULT 0,
        region text,
        unit_id text,
        level text,
        active boolean NOT NULL DEFAULT false,
        predikat text,
        x numeric(7, 4),
        y numeric(7, 4),
        talent_value numeric(5, 2),
        box smallint,
        no_box_reasons text[] NOT NULL DEFAULT '{}',
        eligible boolean NOT NULL DEFAULT false,
        vetoes text[] NOT NULL DEFAULT '{}',
        in_pool boolean NOT NULL DEFAULT false,
        policy_id text,
        evaluated_on date,
        next_change_on date,
        origin_time timestamptz,
        causes text[] NOT NULL DEFAULT '{}',
        computed_at timestamptz
    ) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)
"""
_INDEXES = (
    "CREATE INDEX ix_talent_region_employee_id ON derived.talent (region, employee_id)",
    # The box map counts from this index alone, and the search for rows of an old policy skips through it.
    "CREATE INDEX ix_talent_region_policy_id_box ON derived.talent (region, policy_id, box)",
    "CREATE INDEX ix_talent_next_change_on ON derived.talent (next_change_on)",
    "CREATE INDEX ix_talent_pool_region ON derived.talent (region, talent_value DESC, employee_id) WHERE in_pool",
    """
    CREATE INDEX ix_talent_pool_province
        ON derived.talent ("left"(region, 2), talent_value DESC, employee_id) WHERE in_pool
    """,
)
# Who may read is asked by region and by province beside it. Without knowing that one follows from the other the
# planner expects hardly a row, and sorts thousands instead of walking the index.
_STATISTICS = """
    CREATE STATISTICS derived.st_talent_region_province ON region, ("left"(region, 2)) FROM derived.talent
"""


def upgrade() -> None:
    """Create the table, and the indexes that lists, pools, the box map and the job read by."""
    op.execute(_TALENT)
    for statement in _INDEXES:
        op.execute(statement)
    op.execute(_STATISTICS)

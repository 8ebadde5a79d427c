"""Units and employees."""

from alembic import op

revision = "0002"
down_revision = "0001"

_UNIT = """
    CREATE TABLE source.unit (
        unit_id text NOT NULL CONSTRAINT pk_unit PRIMARY KEY,
        region text NOT NULL,
        name text NOT NULL,
        parent_id text CONSTRAINT fk_unit_parent_id_unit REFERENCES source.unit,
        updated_at timestamptz NOT NULL
    )
"""
_EMPLOYEE = """
    CREATE TABLE source.employee (
        employee_id uuid NOT NULL CONSTRAINT pk_employee PRIMARY KEY,
        nip text NOT NULL CONSTRAINT uq_employee_nip UNIQUE,
        version bigint NOT NULL,
        fingerprint bytea NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        region text NOT NULL,
        unit_id text NOT NULL CONSTRAINT fk_employee_unit_id_unit REFERENCES source.unit,
        post_title text NOT NULL,
        post_level text NOT NULL,
        post_eselon text,
        post_since date,
        golongan text,
        kedudukan_hukum text NOT NULL,
        retires_on date,
        education text,
        field_match boolean,
        development boolean,
        experience_years numeric(4, 2),
        experience_variety text,
        experience_substance boolean,
        discipline jsonb NOT NULL,
        updated_at timestamptz NOT NULL
    )
"""


def upgrade() -> None:
    """Create both tables, and the indexes that their pages are read by."""
    op.execute(_UNIT)
    op.execute("CREATE INDEX ix_unit_region_unit_id ON source.unit (region, unit_id)")
    op.execute(_EMPLOYEE)
    op.execute("CREATE INDEX ix_employee_region_employee_id ON source.employee (region, employee_id)")
    # The foreign key needs it, and so does whoever sees one unit only.
    op.execute("CREATE INDEX ix_employee_unit_id_employee_id ON source.employee (unit_id, employee_id)")

"""Who saw which unmatched measurements unredacted."""

from alembic import op

revision = "0006"
down_revision = "0005"

# No foreign key: steps outlive a measurement that took effect, expired or was forgotten.
_STEP = """
    CREATE TABLE source.unmatched_step (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_unmatched_step PRIMARY KEY,
        measurement_id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        action text NOT NULL,
        actor text NOT NULL
    )
"""
_ONLY_GROWS = """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON source.unmatched_step
        FOR EACH STATEMENT EXECUTE FUNCTION source.refuse_change()
"""


def upgrade() -> None:
    """Create the table, which only grows as that of the dead letters does."""
    op.execute(_STEP)
    op.execute("CREATE INDEX ix_unmatched_step_measurement_id ON source.unmatched_step (measurement_id)")
    op.execute(_ONLY_GROWS)

"""What became of each unmatched measurement, and which event decided it."""

from alembic import op

revision = "0004"
down_revision = "0003"

_RESOLUTION = """
    CREATE TABLE source.unmatched_resolution (
        position bigint NOT NULL CONSTRAINT pk_unmatched_resolution PRIMARY KEY,
        measurement_id uuid NOT NULL,
        kind text NOT NULL,
        measured text NOT NULL,
        submitted_by text NOT NULL,
        regions text[] NOT NULL,
        units text[] NOT NULL,
        accepted_at timestamptz NOT NULL,
        outcome text NOT NULL,
        event text,
        resolved_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
"""


def upgrade() -> None:
    """Create the table, and the index by which it is forgotten."""
    op.execute(_RESOLUTION)
    op.execute("CREATE INDEX ix_unmatched_resolution_resolved_at ON source.unmatched_resolution (resolved_at)")

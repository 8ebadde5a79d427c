"""Outbox, dead letters, idempotency keys and consumer offsets."""

from alembic import op

from shared.db.core_tables import CORE_V1

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Execute the frozen first form of the event core."""
    for statement in CORE_V1:
        op.execute(statement)

"""The state of a dead letter, and the steps that led to it."""

from alembic import op

from shared.db.core_tables import CORE_V2

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Execute the frozen second form of the event core."""
    for statement in CORE_V2:
        op.execute(statement)

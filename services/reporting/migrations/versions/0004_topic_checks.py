"""How far the own topic has been checked, and versions that it has told and the tables have not."""

from alembic import op

from shared.db.core_tables import CORE_V3

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Execute the frozen third form of the event core."""
    for statement in CORE_V3:
        op.execute(statement)

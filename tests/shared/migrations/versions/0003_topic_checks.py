"""The event core of today."""

from alembic import op

from shared.db.core_tables import CORE_V3

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for statement in CORE_V3:
        op.execute(statement)
